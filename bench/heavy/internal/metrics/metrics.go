// Package metrics counts what harbour does.
package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"example.com/harbour/internal/mark"
)

var (
	registry = prometheus.NewRegistry()
	factory  = promauto.With(registry)
	objects  = factory.NewCounter(prometheus.CounterOpts{
		Namespace: mark.Name, Name: "objects_copied_total", Help: "Objects brought from one store to another.",
	})
	bytes = factory.NewCounter(prometheus.CounterOpts{
		Namespace: mark.Name, Name: "bytes_copied_total", Help: "Bytes brought from one store to another.",
	})
	releases = factory.NewCounterVec(prometheus.CounterOpts{
		Namespace: mark.Name, Name: "releases_total", Help: "Releases by outcome.",
	}, []string{"outcome"})
)

func init() {
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
}

// Copied counts one object.
func Copied(size int64) {
	objects.Inc()
	bytes.Add(float64(size))
}

// Released counts one release.
func Released(outcome string) { releases.WithLabelValues(outcome).Inc() }

// Handler serves all counters.
func Handler() http.Handler {
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry})
}
