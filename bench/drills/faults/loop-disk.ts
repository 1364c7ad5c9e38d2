/** A small disk of its own (ext4 in a file, mounted): it can be filled, detached and given back. Linux, root. */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface LoopDisk {
  path: string
  /** Writes until nothing goes in any more. */
  fill: () => void
  free: () => void
  /** Takes it away although files are open: they stay with those who have them. */
  detach: () => void
  attach: () => void
  remove: () => void
}

function run(...command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command, { stdout: 'ignore', stderr: 'pipe' })
  if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${stderr.toString().trim()}`)
}

/** Throws where the machine does not let us mount. */
export function makeLoopDisk(folder: string, name: string, megabytes: number): LoopDisk {
  const image = join(folder, `${name}.img`)
  const path = join(folder, name)
  const ballast = join(path, 'ballast')
  mkdirSync(path)
  run('truncate', '-s', `${megabytes}M`, image)
  run('mkfs.ext4', '-q', '-m', '0', image)
  const attach = () => run('mount', '-o', 'loop', image, path)
  attach()
  return {
    path,
    attach,
    detach: () => run('umount', '-l', path),
    fill: () => {
      const file = openSync(ballast, 'a')
      for (const size of [1_000_000, 4_096, 1]) {
        const block = Buffer.alloc(size, 7)
        try {
          while (writeSync(file, block) === size);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
        }
      }
      closeSync(file)
    },
    free: () => rmSync(ballast, { force: true }),
    remove: () => {
      Bun.spawnSync(['umount', '-l', path])
      rmSync(image, { force: true })
    },
  }
}
