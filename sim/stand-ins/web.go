package main

import (
	_ "embed"
	"html"
	"io"
	"net/http"
	"strings"
)

//go:embed web.html
var webPage string

// runWeb serves the shop's page; its code in the browser asks the proxy, whose address it learns here.
func runWeb() error {
	env, err := requireEnv("REVERSE_PROXY_URL", "WEB_PORT")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/reverse-proxy-url", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"url": env["REVERSE_PROXY_URL"]})
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		writePage(w, webPage)
	})
	return serve(":"+env["WEB_PORT"], mux)
}

func writePage(w http.ResponseWriter, page string) {
	values := strings.NewReplacer("{{version}}", html.EscapeString(version()), "{{host}}", html.EscapeString(hostname()))
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, values.Replace(page))
}
