// Which of the usual causes a failed installation has, by what pnpm printed. In old JavaScript, as install.cjs.
const causes = [
  {
    sign: /ERR_PNPM_OUTDATED_LOCKFILE/,
    sentence:
      'pnpm-lock.yaml does not fit the package.json files, as pnpm shows above: run `npx pnpm@12 install` and commit the lockfile.',
  },
  {
    sign: /ERR_PNPM_(JSON_PARSE|INVALID_PACKAGE_JSON|BAD_PACKAGE_JSON|INVALID_WORKSPACE)|is not valid JSON|JSON5? parse error/i,
    sentence: 'A package.json or pnpm-workspace.yaml cannot be read: pnpm names it above.',
  },
  {
    sign: /ERR_PNPM_(FETCH_404|NO_MATCHING_VERSION|WORKSPACE_PKG_NOT_FOUND|NO_MATCHING_VERSION_INSIDE_WORKSPACE|SPEC_NOT_SUPPORTED)/,
    sentence: 'A package.json names a package or a version that does not exist: pnpm names it above.',
  },
  { sign: /ENOSPC/, sentence: 'The disk is full.' },
  {
    sign: /EACCES|EPERM/,
    sentence: 'A file may not be written, as shown above: check its owner and rights.',
  },
  {
    sign: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ERR_PNPM_META_FETCH_FAIL/,
    sentence: 'The npm registry cannot be reached: check the network and the proxy settings.',
  },
]

module.exports = function (output) {
  const cause = causes.find(function (each) {
    return each.sign.test(output)
  })
  return 'The dependencies could not be installed. ' + (cause ? cause.sentence : 'The reason is shown above.')
}
