// Package report tells what a client saw, a line for each thing, so that what it saw of two servers can be compared.
package report

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"
)

const (
	patience = 60 * time.Second
	pause    = 20 * time.Millisecond
)

var volatile = []struct {
	pattern *regexp.Regexp
	token   string
}{
	{regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`), "UID"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), "TIME"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "SERVER"},
}

// Saw prints a line: what was looked at and what it was, without what differs from run to run.
func Saw(what string, values ...any) {
	words := make([]string, len(values))
	for i, value := range values {
		words[i] = fmt.Sprint(value)
	}
	line := what + ": " + strings.Join(words, " ")
	for _, one := range volatile {
		line = one.pattern.ReplaceAllString(line, one.token)
	}
	fmt.Println(strings.ReplaceAll(line, "\n", `\n`))
}

// Must ends the program when there is an error.
func Must(err error, doing string) {
	if err != nil {
		Fail("%s: %v", doing, err)
	}
}

// Need is Must for calls that also answer something.
func Need[T any](value T, err error) T {
	Must(err, fmt.Sprintf("%T", value))
	return value
}

// Fail ends the program with a sentence.
func Fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

// Latest is what was seen last of what is waited for, to be told when it does not come.
var Latest string

// Until waits for something to become true and ends the program when it does not.
func Until(ctx context.Context, what string, holds func() bool) {
	deadline := time.Now().Add(patience)
	Latest = "nothing"
	for !holds() {
		if time.Now().After(deadline) || ctx.Err() != nil {
			Fail("waited for: %s, saw last: %s", what, Latest)
		}
		time.Sleep(pause)
	}
}
