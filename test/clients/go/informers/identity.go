package main

import (
	"context"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/tools/reference"
	"k8s.io/utils/ptr"

	"pilothouse/clients/report"
)

// leaders lets two candidates lead one after the other.
func (c *cluster) leaders(ctx context.Context) {
	leading := make(chan string)
	first, firstLeaves := context.WithCancel(ctx)
	go c.candidate("one", leading).Run(first)
	report.Saw("leads", <-leading)
	second, secondLeaves := context.WithCancel(ctx)
	defer secondLeaves()
	candidate := c.candidate("two", leading)
	go candidate.Run(second)
	report.Until(ctx, "the second to see the first", func() bool { return candidate.GetLeader() == "one" })
	firstLeaves()
	report.Saw("leads", <-leading)
	lease := report.Need(c.typed.CoordinationV1().Leases(namespace).Get(ctx, "leader", metav1.GetOptions{}))
	report.Saw("lease", *lease.Spec.HolderIdentity, "transitions", *lease.Spec.LeaseTransitions)
}

func (c *cluster) candidate(name string, leading chan<- string) *leaderelection.LeaderElector {
	return report.Need(leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Name: "leader", Namespace: namespace},
			Client:     c.typed.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: name},
		},
		LeaseDuration: 3 * time.Second, RenewDeadline: 2 * time.Second, RetryPeriod: 300 * time.Millisecond,
		ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { leading <- name },
			OnStoppedLeading: func() {},
		},
	}))
}

// tokens gives a service account a token and a right, and uses both.
func (c *cluster) tokens(ctx context.Context) {
	accounts := c.typed.CoreV1().ServiceAccounts(namespace)
	report.Need(accounts.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "robot"}}, metav1.CreateOptions{}))
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: ptr.To[int64](600)}}
	token := report.Need(accounts.CreateToken(ctx, "robot", request, metav1.CreateOptions{}))
	robot := c.withToken(token.Status.Token)
	self := report.Need(robot.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{}))
	report.Saw("who am I", self.Status.UserInfo.Username, self.Status.UserInfo.Groups)
	review := &authenticationv1.TokenReview{Spec: authenticationv1.TokenReviewSpec{Token: token.Status.Token}}
	reviewed := report.Need(c.typed.AuthenticationV1().TokenReviews().Create(ctx, review, metav1.CreateOptions{}))
	report.Saw("token review", reviewed.Status.Authenticated, reviewed.Status.User.Username)
	_, err := robot.CoreV1().ConfigMaps(namespace).List(ctx, metav1.ListOptions{})
	report.Saw("before the binding", apierrors.IsForbidden(err), err)
	_, err = c.typed.RbacV1().RoleBindings(namespace).Create(ctx, &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "robot-views"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "view"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: "robot", Namespace: namespace}},
	}, metav1.CreateOptions{})
	report.Must(err, "binding")
	report.Until(ctx, "the binding to count", func() bool {
		_, err := robot.CoreV1().ConfigMaps(namespace).List(ctx, metav1.ListOptions{})
		return err == nil
	})
	for _, verb := range []string{"list", "delete"} {
		access := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
			ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: namespace, Verb: verb, Resource: "configmaps"},
		}}
		answer := report.Need(robot.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, access, metav1.CreateOptions{}))
		report.Saw("may "+verb, answer.Status.Allowed, answer.Status.Reason)
	}
}

// events writes the same event three times, as a controller's recorder does.
func (c *cluster) events(ctx context.Context) {
	object := report.Need(c.typed.CoreV1().ConfigMaps(namespace).Get(ctx, nameOf(5), metav1.GetOptions{}))
	about := report.Need(reference.GetReference(scheme.Scheme, object))
	broadcaster := record.NewBroadcaster()
	defer broadcaster.Shutdown()
	broadcaster.StartRecordingToSink(newSink(c.typed))
	recorder := broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "client-go-test"})
	for range 3 {
		recorder.Event(about, corev1.EventTypeNormal, "Tried", "a client tried it")
	}
	report.Until(ctx, "an event of three", func() bool {
		list := report.Need(c.typed.CoreV1().Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: "reason=Tried,involvedObject.name=" + object.Name}))
		return len(list.Items) == 1 && list.Items[0].Count == 3
	})
	series := report.Need(c.typed.EventsV1().Events(namespace).List(ctx, metav1.ListOptions{FieldSelector: "reason=Tried"}))
	report.Saw("event", series.Items[0].Type, series.Items[0].Note, "count", series.Items[0].DeprecatedCount)
}
