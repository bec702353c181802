/**
 * The part of the Jinja template language that chat templates are written in, with Jinja2's semantics under the
 * settings of the transformers library ({@code trim_blocks}, {@code lstrip_blocks}, loop controls, no escaping). Does
 * not depend on chats. Input: template text and variables. Output: text.
 *
 * <p>Templates are not trusted. Values are null, {@code Boolean}, {@code Long}, {@code Double}, {@code String}, {@code
 * List}, {@code Map} and a few classes of this package; attributes are looked up in tables, never by reflection,
 * nothing is loaded or opened, and every rendering has a {@link dev.lockstep.chat.jinja.Budget}. Anything unknown is an
 * error, never ignored.
 */
package dev.lockstep.chat.jinja;
