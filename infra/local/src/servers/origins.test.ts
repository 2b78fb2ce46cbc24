import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../config.ts'
import { openProcessRegistry } from '../process-registry.ts'
import { secretsOf } from '../secrets.ts'
import type { Setting } from './handle.ts'
import { type Machine, chooseOrigins } from './origins.ts'

const scratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'origins-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

const settingWith = (env: NodeJS.ProcessEnv = {}, dataDir = scratch()) => {
  const notes: string[] = []
  const setting: Setting = {
    dataDir,
    config: readConfig(env),
    secrets: secretsOf(dataDir),
    registry: openProcessRegistry(dataDir),
    portFor: async () => 1,
    note: (_, text) => void notes.push(text),
  }
  return { setting, notes, dataDir }
}

const machine = (has: { docker?: string; installed?: string; install?: string }) => {
  const installations: string[][] = []
  const parts: Machine = {
    findDockerProblem: async () => has.docker,
    findBinariesProblem: () => (installations.length > 0 ? undefined : has.installed),
    findInstallProblem: () => has.install,
    install: async (servers) => void installations.push(servers),
  }
  return { ...parts, installations }
}

const absent = { docker: 'no docker command is installed', installed: 'no mysqld is installed' }

describe('chooseOrigins', () => {
  it('prefers Docker to installed servers', async () => {
    const { setting } = settingWith()
    expect(await chooseOrigins(['mysql'], setting, machine({}))).toEqual(new Map([['mysql', 'docker']]))
  })

  it('uses installed servers when an image cannot be pulled, and reports why', async () => {
    const { setting, notes } = settingWith()
    const found = await chooseOrigins(['mysql'], setting, machine({ docker: 'the image cannot be pulled' }))
    expect(found.get('mysql')).toBe('binaries')
    expect(notes).toContain('not from Docker: the image cannot be pulled')
  })

  it('keeps using installed servers that hold the data after Docker was installed', async () => {
    const { setting, dataDir } = settingWith()
    await chooseOrigins(['mysql'], setting, machine({ docker: absent.docker }))
    const later = settingWith({}, dataDir)
    expect((await chooseOrigins(['mysql'], later.setting, machine({}))).get('mysql')).toBe('binaries')
  })

  it('refuses to start with an empty database while the data is in a stopped Docker', async () => {
    const { setting, dataDir } = settingWith()
    await chooseOrigins(['mysql'], setting, machine({}))
    const later = settingWith({}, dataDir)
    const off = machine({ docker: 'its daemon does not answer' })
    await expect(chooseOrigins(['mysql'], later.setting, off)).rejects.toThrow(
      /data of MySQL is in Docker.*start Docker/,
    )
  })

  it('refuses other servers while the data belongs to an installed server that was removed', async () => {
    const { setting, dataDir } = settingWith()
    await chooseOrigins(['mysql'], setting, machine({ docker: absent.docker }))
    const later = settingWith({}, dataDir)
    const gone = machine({ installed: absent.installed, install: 'installing packages takes root' })
    await expect(chooseOrigins(['mysql'], later.setting, gone)).rejects.toThrow(
      /written by an installed server that is gone: run `apt-get install .*` as root, or begin anew/,
    )
  })

  it('uses only the origin that STOREWRIGHT_SERVERS names', async () => {
    const binaries = settingWith({ STOREWRIGHT_SERVERS: 'binaries' })
    expect((await chooseOrigins(['mysql'], binaries.setting, machine({}))).get('mysql')).toBe('binaries')
    const docker = settingWith({ STOREWRIGHT_SERVERS: 'docker' })
    await expect(chooseOrigins(['mysql'], docker.setting, machine(absent))).rejects.toThrow(/asks for Docker/)
    expect(() => settingWith({ STOREWRIGHT_SERVERS: 'cloud' })).toThrow(
      /it may be environment, docker, binaries/,
    )
  })

  it('installs all missing packages in one command', async () => {
    const { setting } = settingWith()
    const bare = machine(absent)
    const found = await chooseOrigins(['mysql', 'rabbitmq'], setting, bare)
    expect(bare.installations).toEqual([['mysql', 'rabbitmq']])
    expect([...found.values()]).toEqual(['binaries', 'binaries'])
  })

  it('lists the choices and why each origin failed when it may not install packages', async () => {
    const { setting } = settingWith()
    const failing = chooseOrigins(
      ['mysql'],
      setting,
      machine({ ...absent, install: 'installing packages takes root' }),
    )
    await expect(failing).rejects.toMatchObject({
      message:
        'There is no MySQL server to use: start Docker, run `apt-get install mariadb-server-core mariadb-client-core` as root, or name a server with MYSQL_URL.',
      details: [
        'Docker: no docker command is installed.',
        'Installed: no mysqld is installed.',
        'Installing: installing packages takes root.',
      ],
    })
  })
})
