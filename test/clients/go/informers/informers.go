package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"
	"k8s.io/utils/ptr"

	"pilothouse/clients/report"
)

const configMapsPath = "/api/v1/namespaces/" + namespace + "/configmaps"

// sharedInformers follows 20 ConfigMaps through additions, changes, deletions and resyncs.
func (c *cluster) sharedInformers(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for i := range 10 {
		c.createConfigMap(ctx, i)
	}
	factory := informers.NewSharedInformerFactoryWithOptions(c.typed, time.Second, informers.WithNamespace(namespace))
	informer := factory.Core().V1().ConfigMaps().Informer()
	report.Must(informer.AddIndexers(cache.Indexers{"parity": byParity}), "adding an index")
	seen := follow(informer)
	factory.Start(ctx.Done())
	report.Until(ctx, "the informer to sync", informer.HasSynced)
	seen.until(ctx, "10 added, 0 updated, 0 deleted")
	report.Saw("informer, synced", len(ours(informer.GetStore().List())))
	first := c.calls.To(configMapsPath)
	report.Saw("how it began", "lists", first.Lists, "watches", first.Watches, "watches with the list", first.WatchLists)
	report.Saw("protobuf", first.ProtobufBodies, "bodies, answered in", first.ContentType)

	for i := 10; i < 20; i++ {
		c.createConfigMap(ctx, i)
	}
	configMaps := c.typed.CoreV1().ConfigMaps(namespace)
	for i := range 5 {
		one := report.Need(configMaps.Get(ctx, nameOf(i), metav1.GetOptions{}))
		one.Data["changed"] = "yes"
		report.Need(configMaps.Update(ctx, one, metav1.UpdateOptions{}))
	}
	for i := range 3 {
		report.Must(configMaps.Delete(ctx, nameOf(i), metav1.DeleteOptions{}), "deleting")
	}
	seen.until(ctx, "20 added, 5 updated, 3 deleted")
	report.Saw("informer, after writes", len(ours(informer.GetStore().List())))
	report.Saw("index", len(report.Need(informer.GetIndexer().ByIndex("parity", "even"))), "even")
	listed := report.Need(factory.Core().V1().ConfigMaps().Lister().ConfigMaps(namespace).List(labels.SelectorFromSet(labels.Set{"app": "clients"})))
	report.Saw("lister", len(listed))
	report.Until(ctx, "a resync", func() bool { return seen.resyncs() >= 17 })
	report.Saw("calls after the resync", "lists", c.calls.To(configMapsPath).Lists-first.Lists)
}

// endedWatches lets the server end the watch every second, and sees that nothing is lost and nothing is listed again.
func (c *cluster) endedWatches(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	before := c.calls.To(configMapsPath)
	short := func(options *metav1.ListOptions) { options.TimeoutSeconds = ptr.To[int64](1) }
	factory := informers.NewSharedInformerFactoryWithOptions(c.typed, 0, informers.WithNamespace(namespace), informers.WithTweakListOptions(short))
	informer := factory.Core().V1().ConfigMaps().Informer()
	seen := follow(informer)
	factory.Start(ctx.Done())
	report.Until(ctx, "the informer to sync", informer.HasSynced)
	for i := range 30 {
		patch := fmt.Appendf(nil, `{"data":{"round":"%d"}}`, i)
		report.Need(c.typed.CoreV1().ConfigMaps(namespace).Patch(ctx, nameOf(5), "application/merge-patch+json", patch, metav1.PatchOptions{}))
		time.Sleep(100 * time.Millisecond)
	}
	report.Until(ctx, "30 changes", func() bool { return seen.changed() == 30 })
	after := c.calls.To(configMapsPath)
	report.Saw("watches that ended", after.Watches-before.Watches >= 2, "changes seen", seen.changed(), "lists", after.Lists-before.Lists)
}

func (c *cluster) createConfigMap(ctx context.Context, i int) {
	object := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: nameOf(i), Labels: map[string]string{"app": "clients"}},
		Data:       map[string]string{"number": fmt.Sprint(i)},
	}
	report.Need(c.typed.CoreV1().ConfigMaps(namespace).Create(ctx, object, metav1.CreateOptions{}))
}

func nameOf(i int) string { return fmt.Sprintf("settings-%02d", i) }

func byParity(object any) ([]string, error) {
	data := object.(*corev1.ConfigMap).Data["number"]
	if data == "" {
		return nil, nil
	}
	if (data[len(data)-1]-'0')%2 == 0 {
		return []string{"even"}, nil
	}
	return []string{"odd"}, nil
}

// tally counts what a handler is told about objects that carry our label; others, such as kube-root-ca.crt, are not ours.
type tally struct {
	mutex                              sync.Mutex
	added, updated, deleted, sameAgain int
}

func follow(informer cache.SharedIndexInformer) *tally {
	seen := &tally{}
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerDetailedFuncs{
		AddFunc:    func(object any, _ bool) { seen.count(object, &seen.added) },
		DeleteFunc: func(object any) { seen.count(object, &seen.deleted) },
		UpdateFunc: func(before, after any) {
			if before.(metav1.Object).GetResourceVersion() == after.(metav1.Object).GetResourceVersion() {
				seen.count(after, &seen.sameAgain)
			} else {
				seen.count(after, &seen.updated)
			}
		},
	})
	report.Must(err, "adding a handler")
	return seen
}

func (t *tally) count(object any, counter *int) {
	if gone, isTombstone := object.(cache.DeletedFinalStateUnknown); isTombstone {
		object = gone.Obj
	}
	if len(ours([]any{object})) == 0 {
		return
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	*counter++
}

func (t *tally) text() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return fmt.Sprintf("%d added, %d updated, %d deleted", t.added, t.updated, t.deleted)
}

func (t *tally) until(ctx context.Context, text string) {
	report.Until(ctx, text, func() bool {
		if t.text() == text {
			return true
		}
		report.Latest = t.text()
		return false
	})
	report.Saw("handler", t.text())
}

func (t *tally) changed() int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.updated
}

func (t *tally) resyncs() int {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return t.sameAgain
}

func ours(objects []any) []any {
	return slices.DeleteFunc(slices.Clone(objects), func(object any) bool {
		return object.(metav1.Object).GetLabels()["app"] != "clients"
	})
}
