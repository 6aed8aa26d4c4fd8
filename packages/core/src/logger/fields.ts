import type { KeyRedaction, Role } from '../key-redaction.js';
import { ownErrorFields } from '../object-fields.js';
import { SafeFields } from '../safe-fields.js';
import { SafePass } from '../safe-pass.js';

/** Metadata as the sinks want it. */
export interface LoggedFields {
  readonly fields: SafeFields;
  /** Texts under keys that mean something to the logger. */
  readonly roles: Partial<Record<Role, string>> | undefined;
}

export const NO_FIELDS: LoggedFields = { fields: new SafeFields(), roles: undefined };

/** `metadata` over `under`. */
export function readFields(
  under: LoggedFields,
  metadata: object | undefined,
  redaction: KeyRedaction,
): LoggedFields {
  if (metadata === undefined) return under;
  // A list, a date, or what threw, has no fields.
  const { fields, roles } =
    walk(under, metadata, redaction) ?? walk(under, { value: metadata }, redaction) ?? under;
  return { fields, roles: under.roles === undefined ? roles : { ...under.roles, ...roles } };
}

function walk(under: LoggedFields, top: object, redaction: KeyRedaction): LoggedFields | undefined {
  const fields = new SafeFields();
  const pass = new SafePass({
    redaction,
    fields,
    under: under.fields.length === 0 ? undefined : under.fields,
  });
  pass.top(top);
  return pass.hasFields ? { fields, roles: pass.roles } : undefined;
}

/** The own fields of an error, such as its code, as `error`: what the fields of every error do not hold. */
export function errorOnTop(under: LoggedFields, error: Error, redaction: KeyRedaction): LoggedFields {
  const own = ownErrorFields(error);
  return own === undefined ? under : readFields(under, { error: own }, redaction);
}
