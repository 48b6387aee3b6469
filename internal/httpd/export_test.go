package httpd

// ServeWithin is Serve with a grace of one's own.
var ServeWithin = serve
