// `node --import @unhinged/observability-node/register app.js`: everything from OTEL_* variables, no code.
import { startNode } from './start-node.js';

startNode();
