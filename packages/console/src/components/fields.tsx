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

/** Every service, or one of them; one that is asked for stays in the list before it has sent anything. */
export function ServiceField(props: {
  value: string;
  services: readonly string[];
  onChange: (service: string) => void;
}): ReactNode {
  const names = [...new Set([...props.services, props.value])].filter(Boolean);
  return (
    <SelectField
      label="Service"
      value={props.value}
      options={[{ value: '', label: 'All services' }, ...names.map((name) => ({ value: name, label: name }))]}
      onChange={props.onChange}
    />
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
