// Runs before npm start and npm test, on whatever Node the machine has: installs the dependencies, Node 24 among
// them, if what they depend on has changed. In old JavaScript, so that an old Node can at least print what it lacks.
const { spawn } = require('child_process')
const { createHash } = require('crypto')
const fs = require('fs')
const path = require('path')
const explainFailure = require('./install-failure.cjs')

const OLDEST = 20
const root = path.resolve(__dirname, '../..')
const note = path.join(root, 'node_modules', '.storewright-installed')

const fail = function (sentence) {
  console.error('\n' + sentence)
  process.exit(1)
}

if (Number(process.versions.node.split('.')[0]) < OLDEST) {
  fail(
    'This is Node ' +
      process.versions.node +
      ': Storewright needs Node ' +
      OLDEST +
      ' or newer to begin with (it brings Node 24 for itself).',
  )
}

const manifests = function () {
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'tests-e2e/package.json']
  for (const folder of ['packages', 'services', 'examples', 'infra']) {
    if (!fs.existsSync(path.join(root, folder))) continue
    for (const name of fs.readdirSync(path.join(root, folder)))
      files.push(path.join(folder, name, 'package.json'))
  }
  return files.filter((file) => fs.existsSync(path.join(root, file)))
}

const fingerprint = function () {
  const hash = createHash('sha256')
  for (const file of manifests()) hash.update(file).update(fs.readFileSync(path.join(root, file)))
  return hash.digest('hex')
}

if (fs.existsSync(note) && fs.readFileSync(note, 'utf8') === fingerprint()) process.exit(0)

// In CI the lockfile has to fit. Elsewhere it follows the package.json files, so that a new service just starts.
const lockfile = process.env.CI ? '--frozen-lockfile' : '--no-frozen-lockfile'
const installing = spawn('npx', ['--yes', 'pnpm@12', 'install', lockfile], {
  cwd: root,
  stdio: ['inherit', 'pipe', 'pipe'],
  shell: process.platform === 'win32',
})
let output = ''
const show = function (stream) {
  return function (chunk) {
    output += chunk
    stream.write(chunk)
  }
}
installing.stdout.on('data', show(process.stdout))
installing.stderr.on('data', show(process.stderr))
installing.on('error', function (error) {
  fail('npx could not be run: ' + error.message)
})
installing.on('close', function (code) {
  if (code !== 0) fail(explainFailure(output))
  // Computed again: the installation may have updated the lockfile.
  fs.writeFileSync(note, fingerprint())
})
