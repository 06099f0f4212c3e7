/** Which part may know which: the arrows of ARCHITECTURE.md, enforced. */
const heavy = (name, package_, door) => ({
  name: `one-door-${name}`,
  comment: `${package_} is used behind one door only`,
  severity: 'error',
  from: { path: '^(src|agents|envs|policies)/', pathNot: door },
  to: { path: `node_modules/${package_}` },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(@sparticuz/chromium|playwright-core)' },
    },
    {
      name: 'gate-is-pure',
      comment: 'the gate knows types and port shapes, and nothing that does anything',
      severity: 'error',
      from: { path: '^src/gate/' },
      to: { pathNot: '^src/(gate/|types\\.ts$|ports\\.ts$|errors\\.ts$|address\\.ts$)' },
    },
    {
      name: 'codecs-are-pure',
      comment: 'text or tokens in, numbers out: nothing else is known there',
      severity: 'error',
      from: { path: '^src/codecs/' },
      to: { pathNot: '^src/(codecs/|types\\.ts$|errors\\.ts$)' },
    },
    {
      name: 'chunks-are-pure',
      comment: 'paths, merging and intake of chunks know rotations and shapes: no clock, no streams, no body',
      severity: 'error',
      from: { path: '^src/chunk/' },
      to: { pathNot: '^src/(chunk/|gate/(motion|rotation)\\.ts$|types\\.ts$|ports\\.ts$|errors\\.ts$)' },
    },
    {
      name: 'types-know-nobody',
      severity: 'error',
      from: { path: '^src/types\\.ts$' },
      to: { pathNot: 'node_modules/zod|^src/step-record\\.ts$' },
    },
    {
      name: 'core-knows-no-leaf',
      comment:
        'the runtime knows no robot, browser or model; only run and assemble may load the recorder, when it is asked for',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$', pathNot: '^src/(testing|assemble)\\.ts$' },
      to: { path: '^(src/(models|vision|record|eval|cli|demo|robot|dashboard)/|agents/|envs/|policies/)' },
    },
    {
      name: 'leaves-do-not-know-each-other',
      comment:
        'models, vision, record: ports, types, errors and clock only; the recorder encodes pictures, a probe draws one, models read answers by codecs',
      severity: 'error',
      from: { path: '^src/(models|vision|record)/' },
      to: {
        path: '^src/',
        pathNot: '^src/($1/|vision/|gate/|codecs/|once|(types|ports|errors|clock|events|address)\\.ts$)',
      },
    },
    {
      name: 'pages-load-little',
      comment: 'the page of the dashboard runs in a browser: its own parts, those of the report, and shapes',
      severity: 'error',
      from: { path: '^src/dashboard/page/' },
      to: {
        path: '^src/',
        pathNot: '^src/(dashboard/page|record/report)/|^src/record/json\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'src-knows-no-plugin',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli|demo|eval)/' },
      to: { path: '^(agents|envs|policies)/' },
    },
    {
      name: 'env-knows-no-other-plugin',
      severity: 'error',
      from: { path: '^envs/([^/]+)/' },
      to: { path: '^(agents|policies|envs)/', pathNot: '^envs/$1/' },
    },
    {
      name: 'policy-knows-no-other-plugin',
      comment: 'a training program is no part of the policy: it brings a policy and a simulator together, as agents do',
      severity: 'error',
      from: { path: '^policies/', pathNot: ['^policies/[^/]+/train/', '^policies/critics/[^/]+/train/'] },
      to: { path: '^(agents|envs)/' },
    },
    {
      name: 'nobody-knows-tests',
      severity: 'error',
      from: { path: '^(src|agents|envs|policies)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'rxjs-where-time-flows',
      comment: 'rxjs in the runtime and in adapters; never in the gate, types or pure code',
      severity: 'error',
      from: { path: '^(src/(gate|vision|record|codecs|models)/|src/types\\.ts$|policies/)' },
      to: { path: 'node_modules/rxjs' },
    },
    heavy('playwright', 'playwright(-core)?/', '^(envs/browser/|src/eval/miniwob/)'),
    heavy('sharp', 'sharp/', '^src/vision/'),
    heavy('mcap', '@mcap/', '^src/record/'),
    heavy('pino', 'pino(-pretty)?/', '^src/(record|cli)/'),
    heavy('commander', 'commander/', '^src/(cli|demo)/'),
    heavy('onnxruntime', 'onnxruntime-', '^policies/shared/network-worker'),
    heavy('preact', 'preact', '^src/(record/report|dashboard/page)/'),
    heavy('three', 'three/', '^src/dashboard/page/space-scene'),
    heavy('uplot', 'uplot/', '^src/dashboard/page/'),
    heavy('hono', '(hono|@hono)/', '^src/dashboard/server'),
    heavy(
      'ws',
      'ws/',
      '^(src/models/(openpi-ws|openpi-host|vla-eval-host|socket-host)|src/dashboard/(server|worker)|envs/ros/socket|envs/simpler/link)',
    ),
    heavy('roslib', 'roslib/', '^envs/ros/'),
    heavy('msgpackr', 'msgpackr/', '^(src/models/msgpack-numpy|envs/simpler/link)'),
    heavy('h264', 'h264-mp4-encoder/', '^src/(record/video|models/clip)-worker'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['pumice-source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.json', '.cjs', '.mjs'],
    },
  },
};
