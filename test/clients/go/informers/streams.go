package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/tools/remotecommand"
	"k8s.io/client-go/transport/spdy"
	utilexec "k8s.io/client-go/util/exec"

	"pilothouse/clients/report"
)

func newSink(client kubernetes.Interface) record.EventSink {
	return &typedcore.EventSinkImpl{Interface: client.CoreV1().Events(namespace)}
}

// streams runs commands, reads logs and forwards a port over both protocols; every expectation stands here.
func (c *cluster) streams(ctx context.Context) {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "server"},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "server", Image: "nginx:1.27"}}},
	}
	report.Need(c.typed.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{}))
	report.Until(ctx, "the Pod to run", func() bool {
		one := report.Need(c.typed.CoreV1().Pods(namespace).Get(ctx, "server", metav1.GetOptions{}))
		return one.Status.Phase == corev1.PodRunning
	})
	for _, protocol := range []string{"websocket", "spdy"} {
		c.command(ctx, protocol)
		c.forward(protocol)
	}
	c.followLogs(ctx)
}

func (c *cluster) request(subresource string) *rest.Request {
	return c.typed.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name("server").SubResource(subresource)
}

func (c *cluster) command(ctx context.Context, protocol string) {
	url := c.request("exec").VersionedParams(&corev1.PodExecOptions{
		Command: []string{"sh", "-c", "cat; echo complained >&2; exit 7"}, Stdin: true, Stdout: true, Stderr: true,
	}, scheme.ParameterCodec).URL()
	var executor remotecommand.Executor
	if protocol == "websocket" {
		executor = report.Need(remotecommand.NewWebSocketExecutor(c.config, http.MethodGet, url.String()))
	} else {
		executor = report.Need(remotecommand.NewSPDYExecutor(c.config, http.MethodPost, url))
	}
	var out, complaints bytes.Buffer
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	input := strings.Repeat("0123456789abcdef", 16384)
	err := executor.StreamWithContext(ctx, remotecommand.StreamOptions{Stdin: strings.NewReader(input), Stdout: &out, Stderr: &complaints})
	var exit utilexec.ExitError
	if !errors.As(err, &exit) || exit.ExitStatus() != 7 {
		report.Fail("exec over %s ended with %v, not with 7", protocol, err)
	}
	if out.String() != input || complaints.String() != "complained\n" {
		report.Fail("exec over %s answered %d bytes and %q", protocol, out.Len(), complaints.String())
	}
}

func (c *cluster) forward(protocol string) {
	url := c.request("portforward").URL()
	transport, upgrader, err := spdy.RoundTripperFor(c.config)
	report.Must(err, "a SPDY transport")
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, url)
	if protocol == "websocket" {
		dialer = report.Need(portforward.NewSPDYOverWebsocketDialer(url, c.config))
	}
	stop, ready := make(chan struct{}), make(chan struct{})
	forwarder := report.Need(portforward.New(dialer, []string{"0:80"}, stop, ready, io.Discard, os.Stderr))
	go func() { report.Must(forwarder.ForwardPorts(), "forwarding over "+protocol) }()
	<-ready
	defer close(stop)
	port := report.Need(forwarder.GetPorts())[0].Local
	response := report.Need(http.Get(fmt.Sprintf("http://127.0.0.1:%d/", port)))
	defer response.Body.Close()
	if page := string(report.Need(io.ReadAll(response.Body))); response.StatusCode != 200 || !strings.Contains(page, "nginx") {
		report.Fail("the port forwarded over %s answered %d: %s", protocol, response.StatusCode, page)
	}
}

func (c *cluster) followLogs(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	stream := report.Need(c.typed.CoreV1().Pods(namespace).GetLogs("server", &corev1.PodLogOptions{Follow: true}).Stream(ctx))
	defer stream.Close()
	first := make([]byte, 1)
	if _, err := stream.Read(first); err != nil {
		report.Fail("the log that is followed says nothing: %v", err)
	}
}
