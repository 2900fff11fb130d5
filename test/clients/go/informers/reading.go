package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/pager"

	"pilothouse/clients/report"
)

// paging reads a list in pieces, and from a token that was taken before a write.
func (c *cluster) paging(ctx context.Context) {
	configMaps := c.typed.CoreV1().ConfigMaps(namespace)
	page := func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
		list, err := configMaps.List(ctx, options)
		if err == nil {
			report.Saw("page", len(list.Items), "more", list.Continue != "", "remaining", deref(list.RemainingItemCount))
		}
		return list, err
	}
	pieces := pager.New(page)
	pieces.PageSize = 7
	pieces.PageBufferSize = 0
	count := 0
	report.Must(pieces.EachListItem(ctx, metav1.ListOptions{LabelSelector: "app=clients"}, func(runtime.Object) error {
		count++
		return nil
	}), "paging")
	report.Saw("paged", count)
	first := report.Need(configMaps.List(ctx, metav1.ListOptions{Limit: 5}))
	report.Must(configMaps.Delete(ctx, nameOf(19), metav1.DeleteOptions{}), "deleting")
	rest := report.Need(configMaps.List(ctx, metav1.ListOptions{Continue: first.Continue}))
	report.Saw("what was there stays in the list", len(first.Items)+len(rest.Items), rest.ResourceVersion == first.ResourceVersion)
}

func deref(count *int64) any {
	if count == nil {
		return "unknown"
	}
	return *count
}

// errors provokes what clients tell apart by reason.
func (c *cluster) errors(ctx context.Context) {
	configMaps := c.typed.CoreV1().ConfigMaps(namespace)
	_, err := configMaps.Get(ctx, "nobody", metav1.GetOptions{})
	report.Saw("not found", apierrors.IsNotFound(err), err)
	_, err = configMaps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: nameOf(5)}}, metav1.CreateOptions{})
	report.Saw("exists", apierrors.IsAlreadyExists(err), err)
	stale := report.Need(configMaps.Get(ctx, nameOf(5), metav1.GetOptions{}))
	report.Need(configMaps.Patch(ctx, nameOf(5), "application/merge-patch+json", []byte(`{"data":{"later":"1"}}`), metav1.PatchOptions{}))
	_, err = configMaps.Update(ctx, stale, metav1.UpdateOptions{})
	report.Saw("conflict", apierrors.IsConflict(err), err)
	_, err = c.typed.CoreV1().Pods(namespace).Create(ctx, &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "Bad_Name"}}, metav1.CreateOptions{})
	report.Saw("invalid", apierrors.IsInvalid(err), err)
	for _, cause := range err.(apierrors.APIStatus).Status().Details.Causes {
		report.Saw("cause", cause.Type, cause.Field)
	}
	stale.UID = "00000000-0000-0000-0000-000000000000"
	err = configMaps.Delete(ctx, nameOf(5), *metav1.NewPreconditionDeleteOptions(string(stale.UID)))
	report.Saw("precondition", apierrors.IsConflict(err), err)
	_, err = c.as("somebody").CoreV1().Secrets(namespace).List(ctx, metav1.ListOptions{})
	report.Saw("forbidden", apierrors.IsForbidden(err), err)
	_, err = c.withToken("not-a-token").CoreV1().Secrets(namespace).List(ctx, metav1.ListOptions{})
	report.Saw("unauthorized", apierrors.IsUnauthorized(err), err)
	_, err = configMaps.List(ctx, metav1.ListOptions{LabelSelector: "a=b=c"})
	report.Saw("bad request", apierrors.IsBadRequest(err), err)
	_, err = configMaps.List(ctx, metav1.ListOptions{FieldSelector: "data.x=y"})
	report.Saw("bad field", apierrors.IsBadRequest(err), err)
	_, err = configMaps.Watch(ctx, metav1.ListOptions{ResourceVersion: "no-number"})
	report.Saw("bad revision", apierrors.IsBadRequest(err) || apierrors.IsInvalid(err), err)
}

func (c *cluster) as(user string) kubernetes.Interface {
	config := rest.CopyConfig(c.config)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: []string{"system:authenticated"}}
	return report.Need(kubernetes.NewForConfig(config))
}

// withToken is a client with no certificate.
func (c *cluster) withToken(token string) kubernetes.Interface {
	config := rest.AnonymousClientConfig(c.config)
	config.BearerToken = token
	return report.Need(kubernetes.NewForConfig(config))
}
