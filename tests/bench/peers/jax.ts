export async function openJax(_name: string, _c: unknown): Promise<undefined> {}
