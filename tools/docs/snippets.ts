import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** One fenced block of a page. */
export interface Snippet {
  /** Page and line of the opening fence, for messages: `docs/logging.md:12`. */
  at: string;
  /** First word after the fence: `js`, `ts`, `json`… */
  language: string;
  /** The words after it: `run`, `cjs`, `policy`. */
  marks: string[];
  text: string;
  /** The text block right after it: what the program prints. */
  output?: string;
}

/** The pages that a user reads: the README, `docs/`, and the README of each package. */
export function pages(): string[] {
  const packages = [...readmesIn('packages'), ...readmesIn('packages/jvm')];
  const docs = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`);
  return ['README.md', ...docs, ...packages];
}

const readmesIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .map((name) => `${folder}/${name}/README.md`)
    .filter((page) => existsSync(join(root, page)));

/** Every fenced block of a page. A block fenced as `text output` is the output of the block before it. */
export function snippetsOf(page: string): Snippet[] {
  const found: Snippet[] = [];
  let open: Snippet | undefined;
  let lines: string[] = [];
  readFileSync(join(root, page), 'utf8')
    .split('\n')
    .forEach((line, index) => {
      if (!line.startsWith('```')) {
        lines.push(line);
      } else if (open === undefined) {
        const [language = '', ...marks] = line.slice(3).trim().split(/\s+/);
        open = { at: `${page}:${index + 1}`, language, marks, text: '' };
        lines = [];
      } else {
        open.text = lines.join('\n');
        const before = found.at(-1);
        if (open.language === 'text' && open.marks.includes('output') && before !== undefined) {
          before.output = open.text;
        } else {
          found.push(open);
        }
        open = undefined;
      }
    });
  if (open !== undefined) throw new Error(`${open.at}: the block is never closed`);
  return found;
}

/** A file name that says where the snippet stands. */
export const nameOf = ({ at }: Snippet): string =>
  `${dirname(at)}-${at.slice(dirname(at).length + 1)}`.replaceAll(/[^\w-]+/g, '_');
