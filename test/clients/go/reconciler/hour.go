package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"pilothouse/clients/report"
	"pilothouse/clients/wire"
)

const quiet = 300 * time.Millisecond

// tallied is what the controller did and asked for since it began.
type tallied struct {
	Runs      int64 `json:"runs"`
	Writes    int64 `json:"writes"`
	Conflicts int64 `json:"conflicts"`
	Failures  int64 `json:"failures"`
	// Lists and watches of Widgets and Deployments; a watch may begin with the list.
	Lists      int `json:"lists"`
	Watches    int `json:"watches"`
	WatchLists int `json:"watchLists"`
}

// answer does what each line says and answers with a line of JSON when the controller is quiet again:
// `create NAME`, `change NAME MESSAGE`, `count`, `end`.
func answer(ctx context.Context, direct client.Client, r *reconciler, counted *wire.Calls) {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 2 && words[0] == "create":
			report.Must(direct.Create(ctx, newWidget(words[1], 1)), "creating")
			untilTold(ctx, direct, words[1])
		case len(words) == 3 && words[0] == "change":
			patch := fmt.Appendf(nil, `{"spec":{"message":%q}}`, words[2])
			report.Must(direct.Patch(ctx, newWidget(words[1], 1), client.RawPatch("application/merge-patch+json", patch)), "changing")
			untilTold(ctx, direct, words[1])
		case len(words) == 1 && words[0] == "count":
		case len(words) == 1 && words[0] == "end":
			return
		default:
			report.Fail("no such command: %s", lines.Text())
		}
		untilQuiet(r)
		text := report.Need(json.Marshal(tally(r, counted)))
		fmt.Println(string(text))
	}
}

// untilTold waits until the status is about the latest change and says that it is ready.
func untilTold(ctx context.Context, direct client.Client, name string) {
	report.Until(ctx, name+" to be ready", func() bool {
		widget := &Widget{}
		report.Must(direct.Get(ctx, key(name), widget), "reading")
		conditions := widget.Status.Conditions
		return widget.Status.ObservedGeneration == widget.Generation && len(conditions) == 1 && conditions[0].Status == "True" &&
			conditions[0].ObservedGeneration == widget.Generation
	})
}

func untilQuiet(r *reconciler) {
	for before := int64(-1); before != r.runs.Load(); {
		before = r.runs.Load()
		time.Sleep(quiet)
	}
}

func tally(r *reconciler, counted *wire.Calls) tallied {
	all := tallied{Runs: r.runs.Load(), Writes: r.writes.Load(), Conflicts: r.conflicts.Load(), Failures: r.failures.Load()}
	for _, path := range []string{
		"/apis/clients.test/v1/namespaces/" + namespace + "/widgets",
		"/apis/apps/v1/namespaces/" + namespace + "/deployments",
	} {
		one := counted.To(path)
		all.Lists += one.Lists
		all.Watches += one.Watches
		all.WatchLists += one.WatchLists
	}
	return all
}
