// Package wire counts what a client asks a server for.
package wire

import (
	"net/http"
	"strings"
	"sync"
)

// Calls counts what goes over the wire to a path: lists, watches, and those watches that begin with the list.
type Calls struct {
	mutex sync.Mutex
	seen  map[string]*Count
}

// Count is of one path.
type Count struct {
	Lists, Watches, WatchLists int
	ProtobufBodies             int
	// Of the answer, of the latest call.
	ContentType string
}

// Wrap fits rest.Config.Wrap.
func (c *Calls) Wrap(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(request *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(request)
		if err == nil {
			c.count(request, response)
		}
		return response, err
	})
}

func (c *Calls) count(request *http.Request, response *http.Response) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	count := c.of(request.URL.Path)
	query := request.URL.Query()
	switch {
	case query.Get("sendInitialEvents") == "true":
		count.WatchLists++
	case query.Get("watch") != "":
		count.Watches++
	case request.Method == http.MethodGet:
		count.Lists++
	}
	if strings.Contains(request.Header.Get("Content-Type"), "protobuf") {
		count.ProtobufBodies++
	}
	count.ContentType = response.Header.Get("Content-Type")
}

func (c *Calls) of(path string) *Count {
	if c.seen == nil {
		c.seen = map[string]*Count{}
	}
	if c.seen[path] == nil {
		c.seen[path] = &Count{}
	}
	return c.seen[path]
}

// To is what was asked for at a path until now.
func (c *Calls) To(path string) Count {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return *c.of(path)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }
