export async function openOnnxruntime(_name: string, _c: unknown): Promise<undefined> {}
