import type { KeyRedaction, Role } from '../key-redaction.js';
import { ownErrorFields } from '../object-fields.js';
import { giveFields, SafePass, type Fields, type FieldWriter } from '../safe-pass.js';
import type { SafeObject } from '../safe-value.js';

/** Metadata as the sinks want it. */
export interface LoggedFields extends Fields {
  /** JSON of all fields; empty when there are none, or nobody wanted it. */
  readonly json: string;
  /** Texts under keys that mean something to the logger. */
  readonly roles: Partial<Record<Role, string>> | undefined;
}

const NOTHING: SafeObject = {};

export const NO_FIELDS: LoggedFields = { copy: NOTHING, open: '{', json: '', roles: undefined };

/** `metadata` over `under`: as JSON, as a copy, field by field to `writer`, or more than one of it, from one walk. */
export function readFields(
  under: LoggedFields,
  metadata: object | undefined,
  redaction: KeyRedaction,
  json: boolean,
  copy: boolean,
  writer?: FieldWriter,
): LoggedFields {
  if (metadata === undefined) {
    if (writer !== undefined) giveFields(under.copy, redaction, writer);
    return under;
  }
  const options = { redaction, json, copy, fields: writer, under: under === NO_FIELDS ? undefined : under };
  let pass = new SafePass(options);
  let copied = pass.top(metadata);
  if (!pass.hasFields) {
    // A list, a date, or what threw.
    pass = new SafePass(options);
    copied = pass.top({ value: metadata });
  }
  return {
    copy: copied as SafeObject,
    open: '',
    // Two characters are an object without fields.
    json: pass.json.length === 2 ? '' : pass.json,
    roles: under.roles === undefined ? pass.roles : { ...under.roles, ...pass.roles },
  };
}

/** For many lines: both forms, and ready to have others added. */
export function addFields(under: LoggedFields, metadata: object, redaction: KeyRedaction): LoggedFields {
  const { copy, json, roles } = readFields(under, metadata, redaction, true, true);
  return { copy, open: json === '' ? '{' : json.slice(0, -1), json, roles };
}

/** The own fields of an error, such as its code, as `error`: what the fields of every error do not hold. */
export function errorOnTop(under: LoggedFields, error: Error, redaction: KeyRedaction): LoggedFields {
  const own = ownErrorFields(error);
  return own === undefined ? under : addFields(under, { error: own }, redaction);
}
