import { it } from 'vitest';
import { firstOf, openTestHost } from '#test/harness/host';
it('t', async () => {
  await using host = await openTestHost();
  const { api, cluster } = host;
  await api.objects.apply({
    cluster,
    yaml: 'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: "nginx:1.27"}]}\n',
  });
  const Pods = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
  await firstOf(
    api.objects.watch({ cluster, resource: Pods, namespace: 'default', name: 'p' }),
    ({ status }) => status?.word === 'Running',
  );
  const c = new AbortController();
  setTimeout(() => c.abort(new Error('enough')), 6000);
  try {
    for await (const e of api.terminals.open(
      { cluster, namespace: 'default', pod: 'p', columns: 80, rows: 24 },
      { signal: c.signal },
    )) {
      console.log(JSON.stringify(e));
      if (e.type === 'opened') await api.terminals.write({ id: e.id, text: 'echo one-$((1+1))\rexit\r' });
    }
  } catch (e) {
    console.log(String(e));
  }
}, 30000);
