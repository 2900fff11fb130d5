package main

import (
	"context"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/watch"
	apps "k8s.io/client-go/applyconfigurations/apps/v1"
	core "k8s.io/client-go/applyconfigurations/core/v1"
	meta "k8s.io/client-go/applyconfigurations/meta/v1"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"
	"k8s.io/utils/ptr"

	"pilothouse/clients/report"
)

func webDeployment(image string) *apps.DeploymentApplyConfiguration {
	selector := map[string]string{"app": "web"}
	container := core.Container().WithName("web").WithImage(image).
		WithPorts(core.ContainerPort().WithContainerPort(80))
	return apps.Deployment("web", namespace).WithSpec(apps.DeploymentSpec().
		WithReplicas(2).
		WithSelector(meta.LabelSelector().WithMatchLabels(selector)).
		WithTemplate(core.PodTemplateSpec().WithLabels(selector).WithSpec(core.PodSpec().WithContainers(container))))
}

// serverSideApply has two owners of one Deployment: a conflict, its solution, what each owns, what goes when nobody wants it.
func (c *cluster) serverSideApply(ctx context.Context) {
	deployments := c.typed.AppsV1().Deployments(namespace)
	one := metav1.ApplyOptions{FieldManager: "one"}
	report.Need(deployments.Apply(ctx, webDeployment("nginx:1.27"), one))
	other := apps.Deployment("web", namespace).WithLabels(map[string]string{"tier": "front"}).WithSpec(apps.DeploymentSpec().WithReplicas(3))
	_, err := deployments.Apply(ctx, other, metav1.ApplyOptions{FieldManager: "two"})
	report.Saw("apply conflict", apierrors.IsConflict(err), err)
	forced := report.Need(deployments.Apply(ctx, other, metav1.ApplyOptions{FieldManager: "two", Force: true}))
	report.Saw("forced", *forced.Spec.Replicas, forced.Labels)
	for _, manager := range []string{"one", "two"} {
		owned := report.Need(apps.ExtractDeployment(forced, manager))
		report.Saw("owned by "+manager, "labels", owned.Labels, "replicas", owned.Spec.Replicas != nil, "template", owned.Spec.Template != nil)
	}
	again := report.Need(deployments.Apply(ctx, other, metav1.ApplyOptions{FieldManager: "two"}))
	report.Saw("applied again without a change", again.ResourceVersion != "" && again.Generation == forced.Generation)
	let := apps.Deployment("web", namespace).WithSpec(apps.DeploymentSpec().WithReplicas(3))
	released := report.Need(deployments.Apply(ctx, let, metav1.ApplyOptions{FieldManager: "two"}))
	report.Saw("labels nobody wants any more", released.Labels)
	status := apps.Deployment("web", namespace).WithStatus(apps.DeploymentStatus().WithConditions(
		apps.DeploymentCondition().WithType("Tried").WithStatus(corev1.ConditionTrue).WithReason("Applied").WithMessage("by a client")))
	withStatus := report.Need(deployments.ApplyStatus(ctx, status, metav1.ApplyOptions{FieldManager: "three"}))
	for _, condition := range withStatus.Status.Conditions {
		if condition.Type == "Tried" {
			report.Saw("condition", condition.Status, condition.Reason, condition.Message)
		}
	}
}

// workload rolls the Deployment out, scales it, evicts under a budget, and deletes it in the foreground.
func (c *cluster) workload(ctx context.Context) {
	deployments := c.typed.AppsV1().Deployments(namespace)
	c.untilAvailable(ctx, 3)
	scale := report.Need(deployments.GetScale(ctx, "web", metav1.GetOptions{}))
	report.Saw("scale", scale.Spec.Replicas, scale.Status.Replicas, scale.Status.Selector)
	scale.Spec.Replicas = 2
	report.Need(deployments.UpdateScale(ctx, "web", scale, metav1.UpdateOptions{}))
	c.untilAvailable(ctx, 2)
	report.Need(deployments.Apply(ctx, webDeployment("nginx:1.28"), metav1.ApplyOptions{FieldManager: "one", Force: true}))
	c.untilAvailable(ctx, 2)
	sets := report.Need(c.typed.AppsV1().ReplicaSets(namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=web"}))
	report.Saw("ReplicaSets", len(sets.Items))
	c.eviction(ctx)
	report.Must(deployments.Delete(ctx, "web", metav1.DeleteOptions{PropagationPolicy: ptr.To(metav1.DeletePropagationForeground)}), "deleting")
	report.Until(ctx, "the Deployment to go", func() bool {
		_, err := deployments.Get(ctx, "web", metav1.GetOptions{})
		return apierrors.IsNotFound(err)
	})
	pods := report.Need(c.typed.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=web"}))
	report.Saw("Pods after a deletion in the foreground", len(pods.Items))
}

func (c *cluster) eviction(ctx context.Context) {
	budgets := c.typed.PolicyV1().PodDisruptionBudgets(namespace)
	report.Need(budgets.Create(ctx, &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: policyv1.PodDisruptionBudgetSpec{
			MinAvailable: ptr.To(intstr.FromInt32(2)),
			Selector:     &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
		},
	}, metav1.CreateOptions{}))
	report.Until(ctx, "the budget to be counted", func() bool {
		budget := report.Need(budgets.Get(ctx, "web", metav1.GetOptions{}))
		return budget.Status.ObservedGeneration == budget.Generation && budget.Status.CurrentHealthy == 2
	})
	pods := report.Need(c.typed.CoreV1().Pods(namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=web"}))
	eviction := &policyv1.Eviction{ObjectMeta: metav1.ObjectMeta{Name: pods.Items[0].Name, Namespace: namespace}}
	err := c.typed.CoreV1().Pods(namespace).EvictV1(ctx, eviction)
	report.Saw("eviction", apierrors.IsTooManyRequests(err), err)
	for _, cause := range err.(apierrors.APIStatus).Status().Details.Causes {
		report.Saw("cause", cause.Type, cause.Message)
	}
	report.Must(budgets.Delete(ctx, "web", metav1.DeleteOptions{}), "deleting the budget")
	report.Until(ctx, "an eviction", func() bool { return c.typed.CoreV1().Pods(namespace).EvictV1(ctx, eviction) == nil })
	c.untilAvailable(ctx, 2)
}

// untilAvailable watches as `kubectl rollout status` does.
func (c *cluster) untilAvailable(ctx context.Context, replicas int32) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	byName := fields.OneTermEqualSelector("metadata.name", "web").String()
	deployments := c.typed.AppsV1().Deployments(namespace)
	source := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			options.FieldSelector = byName
			return deployments.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			options.FieldSelector = byName
			return deployments.Watch(ctx, options)
		},
	}
	last := report.Need(watchtools.UntilWithSync(ctx, source, &appsv1.Deployment{}, nil, func(event watch.Event) (bool, error) {
		one := event.Object.(*appsv1.Deployment)
		status := one.Status
		return status.ObservedGeneration >= one.Generation && status.UpdatedReplicas == replicas &&
			status.AvailableReplicas == replicas && status.Replicas == replicas, nil
	}))
	conditions := []string{}
	for _, condition := range last.Object.(*appsv1.Deployment).Status.Conditions {
		conditions = append(conditions, string(condition.Type)+"="+string(condition.Status))
	}
	// Which of them was there first is a race between two controllers and a client.
	slices.Sort(conditions)
	report.Saw("available", replicas, strings.Join(conditions, ","))
}
