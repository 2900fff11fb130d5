import { PodVolume } from './container-files';

/** The volumes that outlive their Pods: those of PersistentVolumes, and the disks of nodes. */
export class VolumeStore {
  readonly #volumes = new Map<string, PodVolume>();

  /** The files of a PersistentVolume; they are there until it is gone. */
  persistent(name: string): PodVolume {
    return this.#at(`volume ${name}`, () => new PodVolume());
  }

  /** The disk of a node: hostPath volumes are folders of it. */
  disk(node: string): PodVolume {
    return this.#at(`node ${node}`, () => new PodVolume(diskFiles(node)));
  }

  forget(name: string): void {
    this.#volumes.delete(`volume ${name}`);
  }

  /** The disk of a node is empty again. */
  wipe(node: string): void {
    this.#volumes.delete(`node ${node}`);
  }

  #at(key: string, make: () => PodVolume): PodVolume {
    const volume = this.#volumes.get(key) ?? make();
    this.#volumes.set(key, volume);
    return volume;
  }
}

/** What is on a node that has just been set up, as far as people look at it. */
function diskFiles(node: string): Map<string, string> {
  return new Map([
    ['etc/hostname', `${node}\n`],
    [
      'etc/os-release',
      'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nID=debian\n',
    ],
    ['etc/kubernetes/kubelet.conf', 'apiVersion: v1\nkind: Config\n'],
    ['etc/machine-id', 'c0ffee00c0ffee00c0ffee00c0ffee00\n'],
    ['var/lib/kubelet/config.yaml', 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'],
    ['var/log/messages', ''],
    ['var/log/containers/.keep', ''],
    ['var/log/pods/.keep', ''],
    ['run/containerd/containerd.sock', ''],
    ['usr/bin/kubelet', ''],
    ['usr/bin/containerd', ''],
    ['tmp/.keep', ''],
    ['mnt/.keep', ''],
    ['srv/.keep', ''],
    ['opt/cni/bin/bridge', ''],
    ['boot/config-6.12.48', ''],
    ['etc/cni/net.d/10-bridge.conflist', ''],
    ['etc/ssl/certs/ca-certificates.crt', ''],
    ['home/.keep', ''],
    ['lib/modules/6.12.48/modules.dep', ''],
    ['proc/1/ns/net', ''],
    ['proc/sys/kernel/hostname', `${node}\n`],
    ['proc/sys/net/ipv4/ip_forward', '1\n'],
    ['proc/version', 'Linux version 6.12.48 (debian) #1 SMP PREEMPT_DYNAMIC\n'],
    ['root/.keep', ''],
    ['run/xtables.lock', ''],
    ['usr/src/.keep', ''],
    ['var/lib/kubelet/plugins/.keep', ''],
    ['var/lib/kubelet/plugins_registry/.keep', ''],
    ['var/lib/kubelet/pods/.keep', ''],
    ['dev/null', ''],
    ['sys/fs/bpf/.keep', ''],
    ['sys/fs/cgroup/cgroup.controllers', 'cpuset cpu io memory hugetlb pids rdma misc\n'],
    ['sys/kernel/debug/.keep', ''],
  ]);
}
