// Bundles src/ into dist/, which is committed and embedded by the C build.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const packages = ['echarts', 'zrender', 'tslib'];
const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const versions = packages.map((name) => {
  const { version, license } = JSON.parse(read(`node_modules/${name}/package.json`));
  return `${name} ${version} (${license})`;
});

await build({
  entryPoints: ['src/report.js', 'src/report.css'],
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2020'],
  legalComments: 'none',
  banner: { js: `/*! Contains ${versions.join(', ')}; licences: report/web/dist/LICENSES.txt of rdbmeter */` },
  define: { 'process.env.NODE_ENV': '"production"' },
});

const script = read('dist/report.js');
const style = read('dist/report.css');
for (const [text, end] of [[script, '</script'], [script, '<!--'], [style, '</style']]) {
  if (text.toLowerCase().includes(end)) {
    throw new Error(`the bundle has ${end} in it and would end early inside the page`);
  }
}
// The page's policy allows this one script and no other.
writeFileSync('dist/report.csp', `'sha256-${createHash('sha256').update(script).digest('base64')}'`);

const licenses = packages.map((name, i) => {
  const files = name === 'tslib' ? ['CopyrightNotice.txt', 'LICENSE.txt'] : name === 'echarts' ? ['LICENSE', 'NOTICE'] : ['LICENSE'];
  return [`==== ${versions[i]} ====`, ...files.map((file) => read(`node_modules/${name}/${file}`).trim())].join('\n\n');
});
writeFileSync('dist/LICENSES.txt', `${licenses.join('\n\n\n')}\n`);
