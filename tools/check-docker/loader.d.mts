/** Path of the program that loads Compose files and kustomizations. */
export function installLoader(): Promise<string>;
