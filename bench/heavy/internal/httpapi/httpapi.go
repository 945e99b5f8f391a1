// Package httpapi is what harbour answers over HTTP.
package httpapi

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"

	"example.com/harbour/internal/blob/opener"
	"example.com/harbour/internal/fault"
	"example.com/harbour/internal/greeting"
	"example.com/harbour/internal/kube/rollout"
	"example.com/harbour/internal/ledger"
	"example.com/harbour/internal/manifest"
	"example.com/harbour/internal/mark"
	"example.com/harbour/internal/metrics"
)

// Carrier brings a release where it belongs and says what became of it.
type Carrier interface {
	Carry(ctx context.Context, m manifest.Release) (ledger.Entry, error)
}

// Board tells how the deployments stand.
type Board interface {
	All() []rollout.Status
}

// API joins what the handlers need.
type API struct {
	Ledger *ledger.Ledger
	Board  Board
	Crew   Carrier
	Stores map[string]string
}

// Handler is the whole API.
func (a API) Handler() http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer, middleware.Compress(5))
	r.Get("/", func(w http.ResponseWriter, _ *http.Request) {
		if err := greeting.Write(w, mark.Name, []string{"/status", "/releases", "/deployments", "/metrics"}); err != nil {
			slog.Warn("front page", "error", err)
		}
	})
	r.Get("/status", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"name": mark.Name, "edition": mark.Edition, "status": "ok"})
	})
	r.Get("/releases", a.releases)
	r.Post("/releases", a.carry)
	r.Get("/deployments", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, a.Board.All()) })
	r.Get("/objects/{store}", a.objects)
	r.Handle("/metrics", metrics.Handler())
	return otelhttp.NewHandler(r, mark.Name)
}

func (a API) releases(w http.ResponseWriter, r *http.Request) {
	entries, err := a.Ledger.Last(r.URL.Query().Get("name"), 100)
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, entries)
}

func (a API) carry(w http.ResponseWriter, r *http.Request) {
	m, err := manifest.Read(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		fail(w, err)
		return
	}
	entry, err := a.Crew.Carry(r.Context(), m)
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusCreated, entry)
}

func (a API) objects(w http.ResponseWriter, r *http.Request) {
	url, ok := a.Stores[chi.URLParam(r, "store")]
	if !ok {
		fail(w, fault.New(fault.NotFound, "find store", nil))
		return
	}
	bucket, err := opener.Open(r.Context(), url)
	if err != nil {
		fail(w, err)
		return
	}
	defer bucket.Close()
	list, err := bucket.List(r.Context(), r.URL.Query().Get("prefix"))
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, list)
}

func fail(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	switch {
	case fault.Is(err, fault.NotFound):
		status = http.StatusNotFound
	case fault.Is(err, fault.Invalid):
		status = http.StatusBadRequest
	case fault.Is(err, fault.Refused):
		status = http.StatusConflict
	}
	answer(w, status, map[string]string{"error": err.Error()})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		slog.Warn("answer", "error", err)
	}
}
