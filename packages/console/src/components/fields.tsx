import type { ReactNode } from 'react';
import { Icon } from './icon.js';

export function SearchField(props: {
  value: string;
  onChange: (value: string) => void;
  label: string;
  id?: string;
}): ReactNode {
  return (
    <label className="search-field">
      <Icon name="search" />
      <input
        id={props.id}
        type="search"
        value={props.value}
        placeholder={props.label}
        aria-label={props.label}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => {
          props.onChange(event.target.value);
        }}
      />
    </label>
  );
}

export function SelectField<Value extends string>(props: {
  value: Value;
  options: readonly { value: Value; label: string }[];
  onChange: (value: Value) => void;
  label: string;
}): ReactNode {
  return (
    <select
      className="select"
      value={props.value}
      aria-label={props.label}
      onChange={(event) => {
        const chosen = props.options.find(({ value }) => value === event.target.value);
        if (chosen !== undefined) props.onChange(chosen.value);
      }}
    >
      {props.options.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

/** A button that stays down. */
export function Toggle(props: {
  pressed: boolean;
  onChange: (pressed: boolean) => void;
  children: ReactNode;
}): ReactNode {
  return (
    <button
      type="button"
      className="button toggle"
      aria-pressed={props.pressed}
      onClick={() => {
        props.onChange(!props.pressed);
      }}
    >
      {props.children}
    </button>
  );
}
