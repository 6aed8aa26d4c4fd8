import { useState } from 'react';

interface ComposerProps {
  author: string;
  onAuthor: (author: string) => void;
  /** Resolves to whether the text was sent and may be cleared. */
  onSend: (text: string) => Promise<boolean>;
}

export function Composer({ author, onAuthor, onSend }: ComposerProps) {
  const [text, setText] = useState('');
  const [isSending, setIsSending] = useState(false);

  const send = async () => {
    const wanted = text.trim();
    if (wanted === '' || isSending) return;
    setIsSending(true);
    if (await onSend(wanted)) setText('');
    setIsSending(false);
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <label className="visually-hidden" htmlFor="author">
        Your name
      </label>
      <input
        id="author"
        className="author-input"
        value={author}
        maxLength={40}
        onChange={(event) => {
          onAuthor(event.target.value);
        }}
      />
      <label className="visually-hidden" htmlFor="message">
        Message
      </label>
      <input
        id="message"
        data-testid="message-input"
        placeholder="Write a message"
        autoComplete="off"
        value={text}
        maxLength={500}
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
      <button type="submit" className="primary" data-testid="send" disabled={text.trim() === '' || isSending}>
        Send
      </button>
    </form>
  );
}
