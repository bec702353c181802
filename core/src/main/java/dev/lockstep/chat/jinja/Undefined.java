package dev.lockstep.chat.jinja;

/** What a name, attribute or item that does not exist stands for. Prints as nothing; most uses are errors. */
record Undefined(String name) {

    TemplateException error() {
        return new TemplateException(name + " is undefined");
    }
}
