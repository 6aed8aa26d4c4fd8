#!/usr/bin/env node
// Not in dist: npm links a command when it installs, and in a clone that is before the build.
import '../dist/cli/main.js';
