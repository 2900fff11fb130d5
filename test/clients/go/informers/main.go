// Program informers uses a cluster as controllers written with client-go do: through shared informers, typed writes in
// protobuf, server-side apply, leases, tokens and streams. It prints what it saw; see package report.
package main

import (
	"context"
	"flag"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"pilothouse/clients/report"
	"pilothouse/clients/wire"
)

const namespace = "client-go"

type cluster struct {
	// JSON both ways, as dynamic clients need it.
	config *rest.Config
	// Speaks protobuf.
	typed   kubernetes.Interface
	dynamic dynamic.Interface
	calls   *wire.Calls
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "of the cluster")
	live := flag.Bool("live", false, "containers run for real: commands, logs and ports are tried too")
	flag.Parse()
	ctx := context.Background()
	c := connect(*kubeconfig)

	c.version()
	report.Need(c.typed.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}))
	c.sharedInformers(ctx)
	c.endedWatches(ctx)
	c.dynamicInformers(ctx)
	c.paging(ctx)
	c.errors(ctx)
	c.serverSideApply(ctx)
	c.workload(ctx)
	c.leaders(ctx)
	c.tokens(ctx)
	c.events(ctx)
	if *live {
		c.streams(ctx)
	}
	report.Must(c.typed.CoreV1().Namespaces().Delete(ctx, namespace, metav1.DeleteOptions{}), "deleting the namespace")
	report.Until(ctx, "the namespace to go", func() bool {
		_, err := c.typed.CoreV1().Namespaces().Get(ctx, namespace, metav1.GetOptions{})
		return err != nil
	})
	report.Saw("namespace", "gone")
}

func connect(kubeconfig string) *cluster {
	config := report.Need(clientcmd.BuildConfigFromFlags("", kubeconfig))
	config.QPS, config.Burst = -1, 0
	counted := &wire.Calls{}
	config.Wrap(counted.Wrap)
	protobuf := rest.CopyConfig(config)
	protobuf.ContentType = "application/vnd.kubernetes.protobuf"
	protobuf.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	return &cluster{
		config:  config,
		typed:   report.Need(kubernetes.NewForConfig(protobuf)),
		dynamic: report.Need(dynamic.NewForConfig(config)),
		calls:   counted,
	}
}

func (c *cluster) version() {
	version := report.Need(c.typed.Discovery().ServerVersion())
	report.Saw("version", version.Major, version.Minor)
	_, lists, err := c.typed.Discovery().ServerGroupsAndResources()
	report.Must(err, "discovery")
	// The client gathers them in no order.
	slices.SortFunc(lists, func(a, b *metav1.APIResourceList) int { return strings.Compare(a.GroupVersion, b.GroupVersion) })
	for _, list := range lists {
		// Served by the sandbox itself, by an add-on elsewhere.
		if strings.HasPrefix(list.GroupVersion, "metrics.k8s.io/") {
			continue
		}
		report.Saw("discovery "+list.GroupVersion, len(list.APIResources))
	}
}
