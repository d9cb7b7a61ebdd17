fn main() {
    my_app_lib::run();
}
