import type { detail as english } from '../en/detail';

/** 显示单个对象的面板。 */
export const detail: typeof english = {
  panel: '{kind} {name} 的详情',
  loading: '正在读取 {name}…',
  close: '关闭详情',
  tabs: {
    label: '{name} 的视图',
    summary: '概要',
    events: '事件',
    yaml: 'YAML',
    describe: '描述',
    logs: '日志',
    shell: '终端',
    related: '关联',
  },
  clusterWide: '整个集群',
  deleted: {
    title: '已于 {time} 删除。',
    body: '以下是最后一次看到的内容。',
  },
  missing: {
    title: '{kind} {name} 不存在',
    body: '它已被删除，或从未存在于 {place}。',
  },
  forbidden: {
    title: '你无权读取此对象',
    body: '服务器拒绝了请求。请申请对 {resource} 的 get 和 watch 权限。',
  },
  failed: '无法读取此对象',
  stale: '自 {time} 起不再实时更新，显示的内容可能已过时。',
  retry: '重试',
  events: {
    none: '没有事件',
    noneHint: 'Kubernetes 大约保留一小时的事件。此对象及其所属对象发生的事情会显示在这里。',
    failed: '无法读取事件',
    onlyWarnings: '仅警告',
  },
  related: {
    none: '没有其他对象与它关联',
    noneHint: '所有者、所属对象、选中它的 Service 以及它挂载的内容会显示在这里。',
    failed: '无法读取关联对象',
    relations: {
      owner: '所有者',
      owned: '拥有',
      selects: '选中',
      'selected-by': '使用者',
      mounts: '挂载',
      uses: '使用',
      'runs-on': '运行于',
      'exposed-by': '暴露者',
    },
    more: '以及另外 {count} 个',
  },
  describe: {
    failed: '无法生成描述',
    loading: '正在描述 {name}…',
    refresh: '重新描述',
    stale: '此后对象已有变化。',
    text: '{name} 的描述',
  },
};
