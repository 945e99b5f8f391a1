import { SlipwayError } from '../core/errors.ts';
import { discard, readJson } from './answer.ts';
import { apiUrl, refusal, type CallOptions, type Repository } from './repository.ts';
import { isTag } from './reference.ts';

const PAGE_SIZE = 1000;
const MAX_PAGES = 100;
const MAX_PAGE_BYTES = 4 * 1024 * 1024;

/** All tags of a repository, page by page; `'forbidden'` where the registry doesn't list. No repository means no tags. */
export async function listTags(
  repository: Repository,
  options: CallOptions = {},
): Promise<readonly string[] | 'forbidden'> {
  const tags: string[] = [];
  let url: URL | undefined = apiUrl(repository, `tags/list?n=${PAGE_SIZE}`);
  for (let page = 0; url !== undefined; page += 1) {
    if (page === MAX_PAGES) throw new SlipwayError('STORE_FAILED', `\`${url.host}\` lists tags without an end`);
    const response: Response = await repository.send({ method: 'GET', url, actions: ['pull'], ...options });
    if (response.status === 404) {
      await discard(response);
      return tags;
    }
    if (isForbidden(response.status)) {
      await discard(response);
      return 'forbidden';
    }
    if (response.status !== 200) throw await refusal(repository, response, 'list its tags', 'pull');
    const document = (await readJson(response, MAX_PAGE_BYTES)) as { tags?: unknown } | null;
    if (Array.isArray(document?.tags)) tags.push(...document.tags.filter((t) => typeof t === 'string' && isTag(t)));
    url = nextPage(response);
  }
  return tags;
}

/** 401 comes after the one new token: the account may read, but not list. */
function isForbidden(status: number): boolean {
  return status === 401 || status === 403 || status === 405;
}

/** `Link: </v2/name/tags/list?last=x&n=1000>; rel="next"`, on the same host only. */
function nextPage(response: Response): URL | undefined {
  const link = /<([^>]*)>\s*;[^,]*rel="?next"?/.exec(response.headers.get('link') ?? '')?.[1];
  if (link === undefined || !URL.canParse(link, response.url)) return undefined;
  const url = new URL(link, response.url);
  return url.hostname === new URL(response.url).hostname ? new URL(url.pathname + url.search, response.url) : undefined;
}
