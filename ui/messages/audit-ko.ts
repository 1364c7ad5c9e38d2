import type { audit as english } from './audit-en'

export const audit: typeof english = {
  lead: '누가 무엇을 바꿨는지 모두 남습니다. 한번 남은 줄은 고치거나 지울 수 없고, 줄마다 앞 줄의 해시를 담고 있습니다.',
  filter: {
    action: '작업',
    actor: '누가',
    actionHint: '예: model.activate',
    actorHint: '로그인 이름 또는 key:이름',
    apply: '찾기',
    clear: '비우기',
  },
  none: '맞는 기록이 없습니다.',
  more: '이전 기록 더 보기',
  end: '첫 기록입니다.',
  value: '값',
  before: '이전',
  after: '이후',
  hash: '해시',
  chain: {
    ok: '해시 사슬이 온전합니다. 고쳐진 줄이 없습니다.',
    broken: '{id}번 줄에서 해시 사슬이 끊겼습니다. 누군가 데이터베이스를 고쳤습니다.',
    check: '다시 확인',
  },
}
