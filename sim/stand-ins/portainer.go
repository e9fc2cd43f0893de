package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"
)

//go:embed portainer.html
var portainerPage string

// panel is the administration's stand-in. What it stores is from its first start, as with the original: a later
// password file changes nothing while the data is there.
type panel struct {
	InstanceID string         `json:"instanceId"`
	Admin      storedPassword `json:"admin"`
	HasAdmin   bool           `json:"hasAdmin"`
	Key        []byte         `json:"key"`

	options portainerOptions
}

type portainerOptions struct {
	host, adminPasswordFile, data string
	skipVerify                    bool
}

func runPortainer(args []string) error {
	options, err := parsePortainerOptions(args)
	if err != nil {
		return err
	}
	p, err := openPanel(options)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			writeJSON(w, http.StatusNotFound, map[string]string{"message": "not simulated: " + r.URL.Path})
			return
		}
		writePage(w, portainerPage)
	})
	status := func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"Version": version(), "InstanceID": p.InstanceID})
	}
	mux.HandleFunc("/api/status", status)
	mux.HandleFunc("/api/system/status", status)
	mux.HandleFunc("/api/auth", p.authenticate)
	mux.HandleFunc("/stand-in/agents", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, p.findAgents())
	})
	return serve(":9000", mux)
}

func parsePortainerOptions(args []string) (portainerOptions, error) {
	options := portainerOptions{data: "/data"}
	withValue := map[string]*string{
		"-H": &options.host, "--host": &options.host, "-d": &options.data, "--data": &options.data,
		"--admin-password-file": &options.adminPasswordFile,
	}
	for i := 0; i < len(args); i++ {
		name, value, hasValue := strings.Cut(args[i], "=")
		if name == "--tlsskipverify" && !hasValue {
			options.skipVerify = true
			continue
		}
		target, known := withValue[name]
		if !known {
			return options, fmt.Errorf("unknown option %s", name) // its value may be a secret
		}
		if !hasValue {
			if i++; i == len(args) {
				return options, fmt.Errorf("expected a value for %s", name)
			}
			value = args[i]
		}
		*target = value
	}
	if options.host != "" && !strings.HasPrefix(options.host, "tcp://") {
		return options, fmt.Errorf("option -H: expected tcp://host:port, got %q", options.host)
	}
	return options, nil
}

func openPanel(options portainerOptions) (*panel, error) {
	p := &panel{options: options}
	path := filepath.Join(options.data, "portainer-stand-in.json")
	content, err := os.ReadFile(path)
	if err == nil {
		if err = json.Unmarshal(content, p); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	} else {
		p.InstanceID, p.Key = newID(), []byte(newID())
	}
	if !p.HasAdmin && options.adminPasswordFile != "" {
		password, err := os.ReadFile(options.adminPasswordFile)
		if err != nil {
			return nil, fmt.Errorf("admin password file: %w", err)
		}
		p.Admin, p.HasAdmin = storePassword(strings.TrimRight(string(password), "\r\n")), true
		log.Print("made the administrator's account")
	}
	content, err = json.Marshal(p)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(options.data, 0o700); err != nil {
		return nil, err
	}
	return p, replaceFile(path, content)
}

func (p *panel) authenticate(w http.ResponseWriter, r *http.Request) {
	var credentials struct{ Username, Password string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&credentials); err != nil {
		writeJSON(w, http.StatusBadRequest, map[string]string{"message": "Invalid request payload", "details": err.Error()})
		return
	}
	if !p.HasAdmin || credentials.Username != "admin" || !p.Admin.matches(credentials.Password) {
		writeJSON(w, http.StatusUnprocessableEntity,
			map[string]string{"message": "Invalid credentials", "details": "Unauthorized"})
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{"jwt": p.token(time.Now().Add(8 * time.Hour))})
}

func (p *panel) token(expires time.Time) string {
	encode := base64.RawURLEncoding.EncodeToString
	claims := fmt.Sprintf(`{"username":"admin","id":1,"role":1,"exp":%d}`, expires.Unix())
	text := encode([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + encode([]byte(claims))
	mac := hmac.New(sha256.New, p.Key)
	mac.Write([]byte(text))
	return text + "." + encode(mac.Sum(nil))
}

// agentsAnswer is what the panel's page shows.
type agentsAnswer struct {
	Nodes  []nodeInfo `json:"nodes"`
	Errors []string   `json:"errors"`
}

func (p *panel) findAgents() agentsAnswer {
	answer := agentsAnswer{Nodes: []nodeInfo{}, Errors: []string{}}
	if p.options.host == "" {
		answer.Errors = append(answer.Errors, "no agents: the option -H is not given")
		return answer
	}
	host, port, err := net.SplitHostPort(strings.TrimPrefix(p.options.host, "tcp://"))
	if err != nil {
		answer.Errors = append(answer.Errors, err.Error())
		return answer
	}
	addresses, err := net.LookupHost(host)
	if err != nil {
		answer.Errors = append(answer.Errors, err.Error())
		return answer
	}
	var mutex sync.Mutex
	var asked sync.WaitGroup
	for _, address := range addresses {
		asked.Add(1)
		go func(address string) {
			defer asked.Done()
			info, err := p.askAgent(net.JoinHostPort(address, port))
			mutex.Lock()
			defer mutex.Unlock()
			if err != nil {
				answer.Errors = append(answer.Errors, fmt.Sprintf("agent %s: %v", address, err))
			} else {
				answer.Nodes = append(answer.Nodes, info)
			}
		}(address)
	}
	asked.Wait()
	sort.Slice(answer.Nodes, func(i, j int) bool { return answer.Nodes[i].Name < answer.Nodes[j].Name })
	sort.Strings(answer.Errors)
	return answer
}

func (p *panel) askAgent(address string) (nodeInfo, error) {
	client := &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: p.options.skipVerify}, // what --tlsskipverify says
	}}
	target := url.URL{Scheme: "https", Host: address, Path: "/stand-in/node"}
	request, err := http.NewRequest(http.MethodGet, target.String(), nil)
	if err != nil {
		return nodeInfo{}, err
	}
	request.Header.Set(secretHeader, os.Getenv("AGENT_SECRET"))
	answer, err := client.Do(request)
	if err != nil {
		return nodeInfo{}, err
	}
	defer answer.Body.Close()
	var info nodeInfo
	if answer.StatusCode != http.StatusOK {
		return info, fmt.Errorf("answered with status %d", answer.StatusCode)
	}
	return info, json.NewDecoder(answer.Body).Decode(&info)
}
