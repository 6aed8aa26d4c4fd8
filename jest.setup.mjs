// The same cases on every run, so that a build fails for a change and not for its luck; FC_SEED=n looks elsewhere.
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.FC_SEED ?? 20_260_401) });
