import type { End } from './en';
import type { Words } from './said';

/** What the server wrote stays in its own language; it is closed like a Chinese sentence. */
function closed(message: string): string {
  return /[.!?。！？]$/.test(message.trim()) ? message.trim() : `${message.trim()}。`;
}

function endWords({ exitCode, signal, reason, message }: End): string {
  const code = signal ? `信号 ${signal}` : `退出码 ${exitCode}`;
  const why = reason && reason !== 'Error' ? `（${reason}）` : '';
  return message ? `${code}${why}：${message}` : `${code}${why}`;
}

/** Simplified Chinese. */
export const zh: Words = {
  nothing: () => '',
  deleting: () => '正在删除。',
  'deleting-held': ({ finalizers }) => `正在删除，但被 ${finalizers.join('、')} 阻止。`,
  'scaled-to-zero': () => '已缩容到零：没有 Pod 在运行。',
  'pods-refused': ({ message }) => `无法创建 Pod：${closed(message)}`,
  'ready-count': ({ ready, wanted }) => `${wanted} 个副本中有 ${ready} 个就绪。`,

  'pod.deleting': ({ graceSeconds }) => `正在删除；其容器有 ${graceSeconds} 秒时间结束。`,
  'pod.succeeded': () => '所有容器均已成功结束；此 Pod 会保留到被删除为止。',
  'pod.unschedulable': ({ message }) => `没有节点可以接收它：${closed(message || '没有合适的节点')}`,
  'pod.unscheduled': () => '正在等待调度器选择节点。',
  'pod.gated': ({ gates }) => `被 ${gates.join('、')} 阻止，移除之前不会被调度。`,
  'pod.failed': ({ message }) => closed(message || '已失败'),
  'pod.crash-loop': ({ container, end, restarts }) => {
    const how = end ? `以${endWords(end)} 结束` : '不断结束';
    return `${container}：${how}，已重启 ${restarts} 次；下次启动正在等待退避时间。`;
  },
  'pod.waiting': ({ container, reason, message }) =>
    closed(message ? `${container}：${reason}，${message}` : `${container}：${reason}`),
  'pod.ended': ({ container, end }) => closed(`${container}：以${endWords(end)} 结束`),
  'pod.init': ({ index, total, node }) => `第 ${index} 个（共 ${total} 个）初始化容器正在 ${node} 上运行。`,
  'pod.ready': ({ total, node }) => `${total} 个容器在 ${node} 上就绪。`,
  'pod.unready': ({ ready, total, names }) =>
    names.length > 0
      ? `${total} 个容器中有 ${ready} 个就绪：${names.join('、')} 在运行，但未通过就绪探针。`
      : `${total} 个容器中有 ${ready} 个就绪。`,
  'pod.gate-closed': () => '其容器已就绪，但有一个就绪门控未满足。',
  'pod.creating': ({ node }) => `正在 ${node} 上创建其容器。`,

  'deployment.stalled': ({ message }) => `发布停滞：${closed(message)}`,
  'deployment.available': ({ wanted }) =>
    wanted === 1 ? '唯一的副本已是最新且可用。' : `全部 ${wanted} 个副本均已是最新且可用。`,
  'deployment.paused': ({ updated, wanted }) => `发布已暂停，${wanted} 个副本中有 ${updated} 个使用最新模板。`,
  'deployment.degraded': ({ available, wanted }) => `${wanted} 个副本中有 ${available} 个可用；发布本身已完成。`,
  'deployment.progressing': ({ updated, wanted, available }) =>
    `正在发布：${wanted} 个副本中有 ${updated} 个已更新，${available} 个可用。`,

  'replicaset.older': () => '已缩容到零：是其所有者较旧或暂停的修订版本。',
  'replicaset.scaling': ({ current, wanted }) => `需要 ${wanted} 个副本，现有 ${current} 个，正在创建或移除 Pod。`,
  'statefulset.updating': ({ updated, wanted, ready }) =>
    `正在逐个更新 Pod：${wanted} 个副本中有 ${updated} 个使用新修订版本，${ready} 个就绪。`,

  'daemonset.no-nodes': ({ misplaced }) => `没有匹配的节点，因此没有 Pod 运行。${misplacedWords(misplaced)}`,
  'daemonset.updating': ({ updated, wanted, ready, misplaced }) =>
    `正在逐个节点更新：${wanted} 个中有 ${updated} 个使用新模板，${ready} 个就绪。${misplacedWords(misplaced)}`,
  'daemonset.ready': ({ ready, wanted, misplaced }) =>
    `${wanted} 个节点中有 ${ready} 个拥有就绪的 Pod。${misplacedWords(misplaced)}`,

  'job.complete': ({ completions, failed }) =>
    `已完成：${completions} 个 Pod 成功结束${failed > 0 ? `，${failed} 个失败` : ''}。`,
  'job.failed': ({ message }) => `已失败：${closed(message || '其 Pod 失败次数过多')}`,
  'job.suspended': () => '已挂起：不会启动 Pod。',
  'job.running': ({ active, succeeded, failed }) =>
    `正在运行：${active} 个活动，${succeeded} 个成功${failed > 0 ? `，${failed} 个失败` : ''}。`,
  'cronjob.suspended': () => '已挂起：不会启动 Job。',
  'cronjob.scheduled': ({ schedule, timeZone, active }) =>
    `按 ${schedule}${timeZone ? `（${timeZone}）` : ''} 启动 Job；${active > 0 ? `现有 ${active} 个在运行` : '现在没有在运行的'}。`,

  'node.silent': () => '其 kubelet 尚未上报状态。',
  'node.not-ready': ({ message, cordoned }) => `未就绪：${closed(message || '未给出原因')}${cordonWords(cordoned)}`,
  'node.worried': ({ worries, cordoned }) => `已就绪，但是 ${closed(worries.join('；'))}${cordonWords(cordoned)}`,
  'node.ready': ({ cordoned }) => `已就绪。${cordonWords(cordoned)}`,

  'service.external-name': ({ name }) => `它是 ${name} 的别名。`,
  'service.pending': () => '正在等待负载均衡器分配地址。',
  'service.leads': ({ selector, address, ports }) => {
    const to = selector ? `带有 ${selector} 的 Pod` : '手动维护的端点';
    return `通往${to}，${address ? `地址 ${address}` : '没有自己的地址（headless）'}，端口 ${ports}。`;
  },

  'data.keys': ({ keys, immutable }) => {
    const fixed = immutable ? '内容不可变。' : '';
    if (keys.length === 0) return `没有内容。${fixed}`;
    const names = keys.length > 5 ? `${keys.slice(0, 5).join('、')} 等` : keys.join('、');
    return `包含 ${keys.length} 个键：${names}。${fixed}`;
  },
  'event.told': ({ target, message }) => `${target}：${message}`,
  'namespace.active': () => '处于活动状态。',
  'namespace.deleting': ({ message }) => (message ? `正在删除：${closed(message)}` : '正在连同其全部内容一起删除。'),

  'generic.told': ({ type, status, message }) => `${type} 为 ${status}：${message}`,
  'generic.condition': ({ type, holds }) => (holds ? `处于 ${type}。` : `未处于 ${type}。`),
  'generic.phase': ({ phase }) => `阶段为 ${phase}。`,
};

function misplacedWords(misplaced: number): string {
  return misplaced > 0 ? `有 ${misplaced} 个运行在不该运行的节点上。` : '';
}

function cordonWords(cordoned: boolean): string {
  return cordoned ? '已被隔离：不会放置新的 Pod。' : '';
}
