/** The path of a request without its query, as it was sent: cheaper than parsing the address, which is asked at the door. */
export function pathOf({ url }: Pick<Request, 'url'>): string {
  const start = url.indexOf('/', 8)
  const end = url.indexOf('?', start)
  return end === -1 ? url.slice(start) : url.slice(start, end)
}
