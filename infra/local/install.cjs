// Runs before npm start and npm test, on whatever Node the machine has: installs the dependencies, Node 24 among
// them, if what they depend on has changed. In old JavaScript, so that an old Node can at least say what it lacks.
const { spawnSync } = require('child_process')
const { createHash } = require('crypto')
const fs = require('fs')
const path = require('path')

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

const fingerprint = createHash('sha256')
for (const file of manifests()) fingerprint.update(file).update(fs.readFileSync(path.join(root, file)))
const wanted = fingerprint.digest('hex')

if (fs.existsSync(note) && fs.readFileSync(note, 'utf8') === wanted) process.exit(0)

const installed = spawnSync('npx', ['--yes', 'pnpm@12', 'install', '--frozen-lockfile'], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
if (installed.status !== 0) {
  fail(
    'The dependencies could not be installed, for the reason above: is the npm registry reachable, and the disk not full?',
  )
}
fs.writeFileSync(note, wanted)
