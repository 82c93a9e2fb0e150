import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const sources = ['src', 'now.config.json', 'package.json', 'tsconfig.json'];

/**
 * A copy of the project with another application scope, below target/. An instance may take only applications whose scope
 * starts with x_ and its own company code (its property glide.appcreator.company.code).
 */
export function inScope(home: string, usual: string, scope: string): string {
  if (!/^x_[a-z0-9]+_[a-z0-9_]+$/.test(scope) || scope.length > 18)
    throw new Error(
      `${scope} is no scope: x_<company code>_<name>, 18 characters at most, e.g. x_acme_handrail`,
    );
  const copy = path.join(home, 'target', scope);
  fs.rmSync(copy, { recursive: true, force: true });
  for (const source of sources)
    fs.cpSync(path.join(home, source), path.join(copy, source), { recursive: true });
  const files = fs
    .readdirSync(copy, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) {
    const file = path.join(parentPath, name);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replaceAll(usual, scope));
  }
  const config = path.join(copy, 'now.config.json');
  const scopeId = createHash('sha256').update(`scope ${scope}`).digest('hex').slice(0, 32);
  const changed = { ...JSON.parse(fs.readFileSync(config, 'utf8')), scopeId };
  fs.writeFileSync(config, `${JSON.stringify(changed, null, 2)}\n`);
  return copy;
}
