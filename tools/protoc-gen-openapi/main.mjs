#!/usr/bin/env node
// protoc and buf start this as a plugin: a CodeGeneratorRequest on stdin, a CodeGeneratorResponse on stdout.
import { runNodeJs } from '@bufbuild/protoplugin';

import { plugin } from './plugin.mjs';

runNodeJs(plugin);
