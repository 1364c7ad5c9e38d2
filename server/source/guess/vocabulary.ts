/** Names that plants and ERP systems give to what a mapping needs: English, German, Korean; without case, blanks and signs. */

export type Role =
  | 'item'
  | 'title'
  | 'family'
  | 'routing'
  | 'sequence'
  | 'operation'
  | 'operationName'
  | 'processGroup'
  | 'workCentre'
  | 'resource'
  | 'resourceName'
  | 'inside'
  | 'batch'
  | 'partner'
  | 'leadTimeDays'
  | 'setup'
  | 'run'
  | 'queue'
  | 'wait'
  | 'move'
  | 'actualSetup'
  | 'actualRun'
  | 'hold'
  | 'quantity'
  | 'timeUnit'
  | 'validFrom'
  | 'validTo'
  | 'reportedAt'

/** Full names, the better known first, and a pattern for names that only contain the word. */
interface Words {
  names: string[]
  like?: RegExp
}

const words = (names: string, like?: RegExp): Words => ({ names: names.split(' '), like })

const vocabulary: Record<Role, Words> = {
  item: words(
    'itemcd itemcode itemid itemno itemnumber item partno partnumber partcode partid part productid productno productnumber productcode product sku materialno materialnumber matnr materialid articleno article artikelnr artikelnummer artikel materialnummer teilenummer sachnummer 품목코드 품목번호 품목id 품번 품목 자재코드 자재번호 부품번호 부품코드 제품코드 제품번호 품목cd',
    /item.*(cd|code|no|id)$|(part|product|article|material).*(no|number|code|id)$|품목.*(코드|번호|id)|(자재|부품|제품).*(코드|번호)/,
  ),
  title: words(
    'itemnm itemname itemdescription partname partnm productname name description title bezeichnung kurzbezeichnung benennung 품목명 품명 제품명 자재명 부품명',
    /(item|part|product).*(name|nm|desc)|품목명|품명/,
  ),
  family: words(
    'itemgrp1 family productfamily partfamily itemgroup productgroup parttype itemtype category productsubcategoryid subcategory 품목군 제품군 품목그룹 소분류 대분류',
  ),
  routing: words(
    'routno routingno routing routingid routeno route workorderid workorderno workorder orderid orderno jobno lotno auftrag auftragsnummer 라우팅번호 라우팅 라우팅no 작업지시번호 작업지시 공정순서번호 지시번호',
    /rout.*(no|id)$|work_?order.*(no|id)$|작업지시/,
  ),
  sequence: words(
    'procseq operationsequence opseq opno operationno operationnumber sequence sequenceno seq seqno step stepno stepnumber oprseq vornr nr position pos lfdnr 공순 공정순번 공정순서 순번 순서 작업순서',
    /seq|(oper|step).*(no|nr|num)|공순|순번|순서/,
  ),
  operation: words(
    'jobcd jobcode operationcd operationcode opcode operationid operation process processcode processid job task arbeitsgang schritt vorgang desc 공정코드 공정 작업코드 작업 공정cd 공정명',
    /(job|oper|process).*(cd|code|id)$|공정.*(코드|cd)/,
  ),
  operationName: words(
    'jobnm jobname operationnm operationname processname operationdescription cdnm 공정명 작업명',
    /(job|oper|process).*(nm|name|desc)|공정명/,
  ),
  processGroup: words('procgroup processgroup operationgroup jobgroup 공정그룹 공정군'),
  workCentre: words(
    'wccd workcenter workcentre workcentercode wc locationid location department abteilung kostenstelle 작업장 작업장코드 작업반',
    /work_?cent(er|re)|작업장/,
  ),
  resource: words(
    'rescd resource resourcecode resourceid machine machineno machinecode machineid equipment equipmentid station stnfam workstation tool arbeitsplatz maschine 설비 설비코드 자원 자원코드 장비 장비코드 기계',
    /(res|machine|equip).*(cd|code|no|id)$|설비.*코드|자원.*코드|장비.*코드/,
  ),
  resourceName: words('resdis resnm resourcename machinename equipmentname 설비명 자원명 장비명', /(res|machine|equip).*(name|nm|dis)$/),
  inside: words(
    'insideflag insideflg inhouse inhouseflag outsourced makebuy 사내외주 사내외주구분 내외작 내외작구분',
    /inside|in_?house|사내.*외주|내외작/,
  ),
  batch: words('batchoper batchflag batchflg batchoperation batchyn 배치여부 배치작업 배치구분'),
  partner: words('bpcd partner vendor supplier vendorcode suppliercode subcontractor custnm 외주처 협력사 거래처 외주업체'),
  leadTimeDays: words('mfglt leadtimedays leadtime outsourcingleadtime 외주lt 외주리드타임 리드타임'),
  setup: words('setuptime setup setupmin setupminutes stime ruestzeit rüstzeit 준비시간 준비 셋업시간 셋업', /^setup|준비.*시간|셋업/),
  run: words(
    'runtime run runminutes runmin processingtime processtime cycletime cycle standardtime stdtime ptime dauer dauermin bearbeitungszeit moldsettingcycle 가공시간 가공 작업시간 표준시간 가동시간 사이클타임',
    /run.*time|cycle|process.*time|가공.*시간|표준.*시간/,
  ),
  queue: words('queuetime queue 대기시간 대기', /^queue/),
  wait: words('waittime wait 후대기시간', /^wait/),
  move: words('movetime move transporttime 이동시간 이동 운반시간', /^move|^transport/),
  actualSetup: words('actsetuptime actualsetuptime actualsetup setuphours 실준비시간 실적준비시간', /act.*setup|setup.*act|실.*준비/),
  actualRun: words(
    'actruntime actualruntime actualrun machworkedhours actualresourcehrs actualhours workedhours 실가공시간 실적가공시간 실적시간 실작업시간 실가동시간',
    /act.*run|worked.*h|act.*(hrs|hours)|실.*(가공|작업|가동).*시간/,
  ),
  hold: words('holdtime hold 보류시간 정지시간'),
  quantity: words('runtimeqty runqty goodqty orderqty reportqty quantity qty 수량 기준수량 생산수량 양품수량', /qty$|quantity|수량/),
  timeUnit: words('timeunit timeuom runtimeunit ptunits 시간단위'),
  validFrom: words('validfromdt validfrom startdate 유효시작일 적용시작일', /^valid.*from/),
  validTo: words('validtodt validto enddate 유효종료일 적용종료일', /^valid.*to/),
  reportedAt: words(
    'reportdt reportdate reportedat recorddate actualenddate workdate 실적일자 보고일자 작업일자 실적일',
    /report.*(dt|date|at)/,
  ),
}

/** A name without what varies: `dbo_BI_ROUTING_VIEW_JOB_CD` in table `BI_ROUTING_VIEW` is `jobcd`. */
export function plainName(name: string, table = ''): string {
  let text = withoutOwner(name)
  const prefix = withoutOwner(table)
  if (prefix !== '' && text.toLowerCase().startsWith(`${prefix.toLowerCase()}_`)) text = text.slice(prefix.length + 1)
  return squeezed(text.replace(/[[(][^\])]*[\])]/g, ''))
}

/** Table name without the owner that exports from SQL Server put before it. */
export function withoutOwner(name: string): string {
  return name.replace(/^dbo[_.]/i, '')
}

function squeezed(name: string): string {
  return name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')
}

/** How well a column's name fits a role: 3 for the best-known names, down to 2 for the last one, 1 when it only contains the word, 0. */
export function nameScore(role: Role, column: string, table = ''): number {
  const name = plainName(column, table)
  const { names, like } = vocabulary[role]
  const at = names.indexOf(name)
  if (at >= 0) return 3 - at / names.length
  return like?.test(name) ? 1 : 0
}
