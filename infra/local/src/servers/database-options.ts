/**
 * What every database server of ours is started with: durable as in production, small enough for a developer's
 * machine, and many connections, since each test file has pools of its own. `loose-` lets MariaDB pass over it.
 */
export const databaseOptions = {
  'character-set-server': 'utf8mb4',
  'skip-name-resolve': 1,
  'skip-log-bin': 1,
  'loose-mysqlx': 0,
  'max-connections': 1000,
  'max-allowed-packet': '64M',
  'innodb-buffer-pool-size': '256M',
  'innodb-flush-log-at-trx-commit': 1,
  'performance-schema': 0,
}
