// Package server is the HTTP side.
package server

import (
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"slipway.example/greeter/internal/greeting"
)

// New routes /, /hello/{name} and /metrics.
func New(banner string, log *zap.Logger, tracer trace.Tracer) http.Handler {
	registry := prometheus.NewRegistry()
	greeted := prometheus.NewCounter(prometheus.CounterOpts{Name: "greeter_greetings_total", Help: "Greetings given."})
	registry.MustRegister(greeted, collectors.NewGoCollector())

	router := chi.NewRouter()
	router.Use(middleware.RequestID, middleware.Recoverer, middleware.Timeout(5*time.Second))
	router.Get("/", func(w http.ResponseWriter, _ *http.Request) {
		write(w, banner)
	})
	router.Get("/hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		_, span := tracer.Start(r.Context(), "hello")
		defer span.End()
		greeted.Inc()
		log.Info("greeting", zap.String("request", middleware.GetReqID(r.Context())))
		write(w, greeting.For(chi.URLParam(r, "name"), r.Header.Get("Accept-Language")))
	})
	router.Method(http.MethodGet, "/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return router
}

func write(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(text + "\n"))
}
