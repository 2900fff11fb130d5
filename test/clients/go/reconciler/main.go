// Program reconciler runs a controller made with controller-runtime, uses it, and prints what it saw; see package report.
// With -watch it only runs, and answers each line of its standard input; see hour.go.
package main

import (
	"context"
	_ "embed"
	"flag"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/yaml"

	"pilothouse/clients/report"
	"pilothouse/clients/wire"
)

const namespace = "controller-runtime"

//go:embed definition.yaml
var definition []byte

func main() {
	watched := flag.Bool("watch", false, "runs until it is told to end, and answers on standard output what happened")
	flag.Parse()
	log.SetLogger(zap.New(zap.UseDevMode(false)))
	// Of the flag -kubeconfig, which is controller-runtime's own.
	config := report.Need(ctrl.GetConfig())
	config.QPS, config.Burst = -1, 0
	counted := &wire.Calls{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return counted.Wrap(next) })

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	scheme := newScheme()
	direct := report.Need(client.New(config, client.Options{Scheme: scheme}))
	prepare(ctx, direct)
	manager, r := newManager(config, scheme)
	ended := make(chan error, 1)
	go func() { ended <- manager.Start(ctx) }()
	<-manager.Elected()
	report.Until(ctx, "the caches", func() bool { return manager.GetCache().WaitForCacheSync(ctx) })
	if *watched {
		answer(ctx, direct, r, counted)
	} else {
		tryOut(ctx, direct, manager.GetClient(), r)
	}
	cleanUp(ctx, direct)
	stop()
	report.Must(<-ended, "ending the manager")
}

func newScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	report.Must(clientscheme.AddToScheme(scheme), "scheme")
	report.Must(apiextensions.AddToScheme(scheme), "scheme")
	report.Must(addToScheme(scheme), "scheme")
	return scheme
}

func newManager(config *rest.Config, scheme *runtime.Scheme) (ctrl.Manager, *reconciler) {
	manager := report.Need(ctrl.NewManager(config, ctrl.Options{
		Scheme:                        scheme,
		Metrics:                       server.Options{BindAddress: "0"},
		Cache:                         cache.Options{DefaultNamespaces: map[string]cache.Config{namespace: {}}},
		LeaderElection:                true,
		LeaderElectionID:              "widgets",
		LeaderElectionNamespace:       namespace,
		LeaderElectionReleaseOnCancel: true,
		GracefulShutdownTimeout:       ptr.To(5 * time.Second),
	}))
	report.Must(manager.GetFieldIndexer().IndexField(context.Background(), &Widget{}, "spec.color", func(object client.Object) []string {
		return []string{object.(*Widget).Spec.Color}
	}), "index")
	r := &reconciler{Client: manager.GetClient(), recorder: manager.GetEventRecorder("widgets")}
	report.Must(r.SetupWithManager(manager), "setup")
	return manager, r
}

func prepare(ctx context.Context, direct client.Client) {
	report.Must(direct.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}), "namespace")
	crd := &apiextensions.CustomResourceDefinition{}
	report.Must(yaml.Unmarshal(definition, crd), "definition")
	report.Must(direct.Create(ctx, crd), "definition")
	report.Until(ctx, "Widgets to be served", func() bool {
		return direct.List(ctx, &WidgetList{}, client.InNamespace(namespace)) == nil
	})
}

func cleanUp(ctx context.Context, direct client.Client) {
	report.Must(direct.DeleteAllOf(ctx, &Widget{}, client.InNamespace(namespace)), "deleting Widgets")
	report.Until(ctx, "the Widgets to go", func() bool {
		list := &WidgetList{}
		report.Must(direct.List(ctx, list, client.InNamespace(namespace)), "listing")
		return len(list.Items) == 0
	})
	crd := &apiextensions.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "widgets." + groupVersion.Group}}
	report.Must(direct.Delete(ctx, crd), "deleting the definition")
	report.Must(direct.Delete(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}), "deleting the namespace")
	report.Until(ctx, "the namespace to go", func() bool {
		return apierrors.IsNotFound(direct.Get(ctx, client.ObjectKey{Name: namespace}, &corev1.Namespace{}))
	})
}
