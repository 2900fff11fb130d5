package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/retry"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"pilothouse/clients/report"
)

// tryOut uses Widgets as people do, and sees that the controller keeps up.
func tryOut(ctx context.Context, direct, cached client.Client, r *reconciler) {
	for i := range 3 {
		report.Must(direct.Create(ctx, newWidget(fmt.Sprint("widget-", i), int32(i+1))), "creating")
	}
	for i := range 3 {
		untilReady(ctx, direct, fmt.Sprint("widget-", i), int32(i+1))
	}
	red := newWidget("widget-red", 0)
	red.Spec.Color = "red"
	report.Saw("refused by a rule", direct.Create(ctx, red))
	report.Saw("refused by the schema", direct.Create(ctx, newWidget("too-many", 11)))
	repaired(ctx, direct)
	contended(ctx, direct)
	scaled(ctx, direct)
	list := &WidgetList{}
	report.Must(cached.List(ctx, list, client.InNamespace(namespace), client.MatchingFields{"spec.color": "grey"}), "by index")
	report.Saw("found by the index", len(list.Items))
	farewell(ctx, direct)
	eventsOf(ctx, direct)
	report.Saw("failures", r.failures.Load())
}

func newWidget(name string, replicas int32) *Widget {
	return &Widget{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace},
		Spec:       WidgetSpec{Replicas: replicas, Message: "hello"},
	}
}

func key(name string) client.ObjectKey { return client.ObjectKey{Namespace: namespace, Name: name} }

func untilReady(ctx context.Context, direct client.Client, name string, replicas int32) {
	widget := &Widget{}
	report.Until(ctx, name+" to be ready", func() bool {
		report.Must(direct.Get(ctx, key(name), widget), "reading")
		ready := meta.FindStatusCondition(widget.Status.Conditions, "Ready")
		return ready != nil && ready.Status == metav1.ConditionTrue && ready.ObservedGeneration == widget.Generation &&
			widget.Status.Ready == replicas
	})
	report.Saw(name, "ready", widget.Status.Ready, "generation", widget.Generation, "color", widget.Spec.Color, widget.Finalizers)
}

// repaired takes a Deployment away and spoils another: both are as before soon.
func repaired(ctx context.Context, direct client.Client) {
	deployment := &appsv1.Deployment{}
	report.Must(direct.Get(ctx, key("widget-0"), deployment), "reading")
	old := deployment.UID
	report.Must(direct.Delete(ctx, deployment), "deleting")
	report.Until(ctx, "the Deployment to come back", func() bool {
		err := direct.Get(ctx, key("widget-0"), deployment)
		return err == nil && deployment.UID != old
	})
	untilReady(ctx, direct, "widget-0", 1)
	report.Must(direct.Get(ctx, key("widget-1"), deployment), "reading")
	spoilt := deployment.DeepCopy()
	spoilt.Spec.Replicas = ptr.To[int32](5)
	report.Must(direct.Patch(ctx, spoilt, client.StrategicMergeFrom(deployment)), "patching")
	generation := spoilt.Generation
	report.Until(ctx, "the Deployment to be repaired", func() bool {
		report.Must(direct.Get(ctx, key("widget-1"), deployment), "reading")
		return deployment.Generation > generation && *deployment.Spec.Replicas == 2
	})
	untilReady(ctx, direct, "widget-1", 2)
}

// contended has ten writers at one object; each tries again until it wins.
func contended(ctx context.Context, direct client.Client) {
	var writers sync.WaitGroup
	for i := range 10 {
		writers.Go(func() {
			report.Must(retry.RetryOnConflict(patient, func() error {
				widget := &Widget{}
				if err := direct.Get(ctx, key("widget-2"), widget); err != nil {
					return err
				}
				metav1.SetMetaDataAnnotation(&widget.ObjectMeta, fmt.Sprint("writer-", i), "was here")
				return direct.Update(ctx, widget)
			}), "writing")
		})
	}
	writers.Wait()
	widget := &Widget{}
	report.Must(direct.Get(ctx, key("widget-2"), widget), "reading")
	report.Saw("annotations of ten writers", len(widget.Annotations))
	stale := widget.DeepCopyObject().(*Widget)
	widget.Spec.Message = "bye"
	report.Must(direct.Update(ctx, widget), "writing")
	err := direct.Update(ctx, stale)
	report.Saw("stale", apierrors.IsConflict(err), err)
	untilReady(ctx, direct, "widget-2", 3)
}

// Ten writers at a time lose more often than the usual five tries allow.
var patient = wait.Backoff{Steps: 50, Duration: 5 * time.Millisecond, Factor: 1, Jitter: 1}

func scaled(ctx context.Context, direct client.Client) {
	widget := newWidget("widget-2", 0)
	report.Must(direct.Get(ctx, key("widget-2"), widget), "reading")
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"replicas":1}}`))
	report.Must(direct.SubResource("scale").Patch(ctx, widget, patch), "scaling")
	untilReady(ctx, direct, "widget-2", 1)
}

// farewell deletes a Widget: its finalizer runs, then its Deployment goes.
func farewell(ctx context.Context, direct client.Client) {
	report.Must(direct.Delete(ctx, newWidget("widget-1", 0)), "deleting")
	gone := func(object client.Object, name string) func() bool {
		return func() bool { return apierrors.IsNotFound(direct.Get(ctx, key(name), object)) }
	}
	report.Until(ctx, "the Widget to go", gone(&Widget{}, "widget-1"))
	report.Until(ctx, "its Deployment to go", gone(&appsv1.Deployment{}, "widget-1"))
	note := &corev1.ConfigMap{}
	report.Must(direct.Get(ctx, key("farewell-widget-1"), note), "reading the farewell")
	report.Saw("farewell", note.Data["message"])
}

func eventsOf(ctx context.Context, direct client.Client) {
	report.Until(ctx, "the events", func() bool {
		list := &eventsv1.EventList{}
		report.Must(direct.List(ctx, list, client.InNamespace(namespace)), "listing events")
		for _, event := range list.Items {
			if event.Reason == "Deployed" && event.Regarding.Name == "widget-0" && event.Note == "the Deployment was created" {
				report.Saw("event", event.Type, event.Action, event.ReportingController)
				return true
			}
		}
		return false
	})
}
