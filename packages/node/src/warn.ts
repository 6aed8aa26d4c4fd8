const warned = new Set<string>();

/** Says something to the operator through `process.emitWarning`, each text once, so that a hot path cannot flood the log. */
export function warnOnce(message: string): void {
  // Bounded like everything else: texts carry user input.
  if (warned.size >= 1_000 || warned.has(message)) return;
  warned.add(message);
  process.emitWarning(message, { type: 'ObservabilityWarning', code: 'UNHINGED_OBSERVABILITY' });
}
