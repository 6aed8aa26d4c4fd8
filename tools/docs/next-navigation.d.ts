/** As Next.js 16 types them: for one page, 380 MB would be much to install. */
declare module 'next/navigation' {
  export function usePathname(): string;
  export function useParams(): Record<string, string | string[] | undefined>;
}
