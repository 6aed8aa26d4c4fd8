import type { KeyRedaction, Role } from '../key-redaction.js';
import { ownErrorFields } from '../object-fields.js';
import { giveFields, SafePass, type FieldWriter } from '../safe-pass.js';
import type { SafeObject } from '../safe-value.js';

/** Metadata as the sinks want it. */
export interface LoggedFields {
  readonly copy: SafeObject;
  /** Texts under keys that mean something to the logger. */
  readonly roles: Partial<Record<Role, string>> | undefined;
}

export const NO_FIELDS: LoggedFields = { copy: {}, roles: undefined };

/** `metadata` over `under`: as a copy, or field by field to `writer`. */
export function readFields(
  under: LoggedFields,
  metadata: object | undefined,
  redaction: KeyRedaction,
  writer?: FieldWriter,
): LoggedFields {
  if (metadata === undefined) {
    if (writer !== undefined) giveFields(under.copy, redaction, writer);
    return under;
  }
  const options = { redaction, fields: writer, under: under === NO_FIELDS ? undefined : under.copy };
  let pass = new SafePass(options);
  let copied = pass.top(metadata);
  if (!pass.hasFields) {
    // A list, a date, or what threw.
    pass = new SafePass(options);
    copied = pass.top({ value: metadata });
  }
  return {
    copy: copied as SafeObject,
    roles: under.roles === undefined ? pass.roles : { ...under.roles, ...pass.roles },
  };
}

/** The own fields of an error, such as its code, as `error`: what the fields of every error do not hold. */
export function errorOnTop(under: LoggedFields, error: Error, redaction: KeyRedaction): LoggedFields {
  const own = ownErrorFields(error);
  return own === undefined ? under : readFields(under, { error: own }, redaction);
}
