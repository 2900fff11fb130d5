package main

import (
	"context"
	"sync/atomic"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

const finalizer = "clients.test/farewell"

// reconciler gives every Widget a Deployment, tells its state, and writes a farewell before it goes.
type reconciler struct {
	client.Client
	recorder events.EventRecorder
	// What happened, for the report.
	runs, writes, conflicts, failures atomic.Int64
}

func (r *reconciler) SetupWithManager(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).For(&Widget{}).Owns(&appsv1.Deployment{}).Complete(r)
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	r.runs.Add(1)
	err := r.reconcile(ctx, request)
	switch {
	case apierrors.IsConflict(err):
		// Read from the cache too early: once more.
		r.conflicts.Add(1)
		return ctrl.Result{Requeue: true}, nil
	case err != nil:
		r.failures.Add(1)
	}
	return ctrl.Result{}, err
}

func (r *reconciler) reconcile(ctx context.Context, request ctrl.Request) error {
	widget := &Widget{}
	if err := r.Get(ctx, request.NamespacedName, widget); err != nil {
		return client.IgnoreNotFound(err)
	}
	if !widget.DeletionTimestamp.IsZero() {
		return r.sayFarewell(ctx, widget)
	}
	if controllerutil.AddFinalizer(widget, finalizer) {
		r.writes.Add(1)
		return r.Update(ctx, widget)
	}
	deployment := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Name: widget.Name, Namespace: widget.Namespace}}
	result, err := controllerutil.CreateOrUpdate(ctx, r.Client, deployment, func() error {
		wanted(widget, deployment)
		return controllerutil.SetControllerReference(widget, deployment, r.Scheme())
	})
	if err != nil {
		return err
	}
	if result != controllerutil.OperationResultNone {
		r.writes.Add(1)
		r.recorder.Eventf(widget, deployment, corev1.EventTypeNormal, "Deployed", "Deploy", "the Deployment was %s", result)
	}
	return r.tellStatus(ctx, widget, deployment)
}

func wanted(widget *Widget, deployment *appsv1.Deployment) {
	labels := map[string]string{"widget": widget.Name}
	deployment.Spec.Replicas = ptr.To(widget.Spec.Replicas)
	if deployment.Spec.Selector == nil {
		deployment.Spec.Selector = &metav1.LabelSelector{MatchLabels: labels}
	}
	deployment.Spec.Template.Labels = labels
	if len(deployment.Spec.Template.Spec.Containers) == 0 {
		deployment.Spec.Template.Spec.Containers = []corev1.Container{{Name: "main", Image: "nginx:1.27"}}
	}
	deployment.Spec.Template.Spec.Containers[0].Env = []corev1.EnvVar{
		{Name: "MESSAGE", Value: widget.Spec.Message}, {Name: "COLOR", Value: widget.Spec.Color},
	}
}

func (r *reconciler) tellStatus(ctx context.Context, widget *Widget, deployment *appsv1.Deployment) error {
	before := widget.DeepCopyObject().(*Widget)
	widget.Status.Ready = deployment.Status.ReadyReplicas
	widget.Status.ObservedGeneration = widget.Generation
	condition := metav1.Condition{Type: "Ready", Status: metav1.ConditionFalse, Reason: "Deploying", ObservedGeneration: widget.Generation}
	if isRolledOut(deployment, widget.Spec.Replicas) {
		condition.Status, condition.Reason = metav1.ConditionTrue, "Deployed"
	}
	meta.SetStatusCondition(&widget.Status.Conditions, condition)
	patch := client.MergeFrom(before)
	if data, err := patch.Data(widget); err != nil || string(data) == "{}" {
		return err
	}
	r.writes.Add(1)
	return r.Status().Patch(ctx, widget, patch)
}

func isRolledOut(deployment *appsv1.Deployment, replicas int32) bool {
	status := deployment.Status
	return status.ObservedGeneration >= deployment.Generation && status.UpdatedReplicas == replicas &&
		status.Replicas == replicas && status.AvailableReplicas == replicas
}

func (r *reconciler) sayFarewell(ctx context.Context, widget *Widget) error {
	if !controllerutil.ContainsFinalizer(widget, finalizer) {
		return nil
	}
	farewell := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "farewell-" + widget.Name, Namespace: widget.Namespace},
		Data:       map[string]string{"message": widget.Spec.Message},
	}
	if err := r.Create(ctx, farewell); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	controllerutil.RemoveFinalizer(widget, finalizer)
	r.writes.Add(1)
	return r.Update(ctx, widget)
}
