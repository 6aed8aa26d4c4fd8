import type { KeyRedaction } from '../key-redaction.js';
import { ownErrorFields } from '../object-fields.js';
import { SafeFields } from '../safe-fields.js';
import { SafePass } from '../safe-pass.js';

export const NO_FIELDS = new SafeFields();

/** `metadata` over `under`. */
export function readFields(
  under: SafeFields,
  metadata: object | undefined,
  redaction: KeyRedaction,
): SafeFields {
  if (metadata === undefined) return under;
  // A list, a date, or what threw, is a value of its own.
  return fieldsOf(metadata, under, redaction) ?? fieldsOf({ value: metadata }, under, redaction) ?? under;
}

const fieldsOf = (top: object, under: SafeFields, redaction: KeyRedaction): SafeFields | undefined =>
  new SafePass({ redaction }).topFields(top, under);

/** The own fields of an error, such as its code, as `error`: what the fields of every error do not hold. */
export function errorOnTop(under: SafeFields, error: Error, redaction: KeyRedaction): SafeFields {
  const own = ownErrorFields(error);
  return own === undefined ? under : readFields(under, { error: own }, redaction);
}
