/** Messages between the source and its worker. Every request has an id; a stream of rows is pulled batch by batch. */
import type { ProblemCode } from '../../contract/problem'
import type { Cell, Frame, TableInfo } from '../source'

export type Request =
  | { id: number; kind: 'open'; path: string; password: string | undefined }
  | { id: number; kind: 'rows'; table: string; columns: string[] }
  /** The next batch of the stream that request `stream` opened. */
  | { id: number; kind: 'next'; stream: number; rowsMax: number }
  | { id: number; kind: 'stop'; stream: number }
  | { id: number; kind: 'frame'; table: string; columns: string[]; rowsMax: number | undefined }

export type Result =
  | { kind: 'opened'; tables: TableInfo[] }
  | { kind: 'streaming' }
  | { kind: 'batch'; rows: Record<string, Cell>[]; last: boolean }
  | { kind: 'stopped' }
  | { kind: 'frame'; frame: Frame }

export type Response = { id: number; result: Result } | { id: number; problem: { code: ProblemCode; message: string } }
