import { useEffect, useRef } from 'react';

import type { Message } from '../gateway/gen/unhinged/chat/v1/chat.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export function MessageList({ messages, me }: { messages: readonly Message[]; me: string }) {
  const list = useRef<HTMLOListElement>(null);
  const isAtEnd = useRef(true);

  useEffect(() => {
    // Whoever scrolled up is reading: do not pull them away.
    if (isAtEnd.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [messages]);

  return (
    <ol
      ref={list}
      className="messages"
      data-testid="messages"
      aria-label="Messages"
      aria-live="polite"
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40;
      }}
    >
      {messages.length === 0 && <li className="empty">Nothing here yet. Say hello.</li>}
      {messages.map(({ id, author, text, sentAt }) => (
        <li key={id} className={author === me ? 'message mine' : 'message'}>
          <span className="author">{author}</span>
          {sentAt !== undefined && <time dateTime={sentAt}>{clock.format(new Date(sentAt))}</time>}
          <p>{text}</p>
        </li>
      ))}
    </ol>
  );
}
